package io.batchinfer.config;

import java.util.List;

/** How a row of a table becomes a request. */
public final class TableOptions {
  private static final Declarations OPTIONS = new Declarations(OptionGroup.TABLES);

  public static final Option<List<String>> KEY =
      OPTIONS.add(
          Option.list("key", "COLUMN").commaSeparated(),
          "Column of a table whose values name its rows; several make a key of several"
              + " columns. Each key may occur once. Without one, a row is named by its"
              + " request.");

  public static final Option<String> PROMPT =
      OPTIONS.add(
          Option.verbatim("prompt", "TEMPLATE"),
          "What is asked of each row of a table: a text in which {column} stands for the"
              + " row's value, {column?text} for the text where that is null, {{ and }} for"
              + " braces.");

  public static final Option<String> SYSTEM =
      OPTIONS.add(
          Option.verbatim("system", "TEMPLATE"),
          "The system message that goes with --prompt, a template as well.");

  public static final Option<String> MESSAGES =
      OPTIONS.add(
          Option.verbatim("messages", "EXPRESSION"),
          "Spark SQL expression that gives a row's messages, in place of --prompt: an"
              + " array of structs with role and content, or JSON text.");

  public static final Option<String> INPUT_COLUMN =
      OPTIONS.add(
          Option.verbatim("input-column", "EXPRESSION"),
          "Spark SQL expression that gives a row's input, in place of --prompt, such as"
              + " the text column of embeddings or moderations.");

  public static final Option<String> BODY =
      OPTIONS.add(
          Option.verbatim("body", "EXPRESSION"),
          "Spark SQL expression that gives the body of a row's request: a struct, a map or"
              + " JSON text. It is the whole body, or carries parameters beside --prompt,"
              + " such as named_struct('temperature', 0, 'max_tokens', 64).");

  public static final Option<List<String>> IMAGE =
      OPTIONS.add(
          Option.list("image", "COLUMN").commaSeparated(),
          "Column of images that go with --prompt, as binary, data URL, http(s) URL or path"
              + " under --media-root; COLUMN? where a row may have none.");

  private TableOptions() {}

  static List<Option<?>> all() {
    return OPTIONS.all();
  }
}
