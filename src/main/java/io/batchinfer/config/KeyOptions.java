package io.batchinfer.config;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** How the endpoint knows who asks: the API key and other headers. */
public final class KeyOptions {
  /** The usual header of API keys. */
  public static final String AUTHORIZATION = "Authorization";

  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
  private static final Declarations OPTIONS = new Declarations(OptionGroup.KEYS);

  public static final Option<String> API_KEY_ENV =
      OPTIONS.add(
          Option.text("api-key-env", "VARIABLE", KeyOptions::variableName),
          "Environment variable of the driver that holds the API key; without any key, no"
              + " header for it is sent.");

  public static final Option<String> API_KEY_FILE =
      OPTIONS.add(
          Option.text("api-key-file", "FILE"),
          "File, readable by the driver, that holds the API key.");

  public static final Option<String> API_KEY_HEADER =
      OPTIONS.add(
          Option.text("api-key-header", "NAME", HeaderLines::name).defaultsTo(AUTHORIZATION),
          "Header that carries the API key, such as api-key or x-api-key.");

  public static final Option<String> API_KEY_SCHEME =
      OPTIONS.add(
          Option.text("api-key-scheme", "WORD", HeaderLines::scheme)
              .defaultsByCircumstance("Bearer in Authorization, none in another header"),
          "Word before the key in its header; none sends the key alone.");

  public static final Option<Map<String, String>> HEADER =
      OPTIONS.add(
          Option.headers("header"),
          "Additional request header; its value is treated as a secret and is refused in"
              + " the Spark configuration, which others can read.");

  private KeyOptions() {}

  static List<Option<?>> all() {
    return OPTIONS.all();
  }

  static String variableName(String value) throws InvalidValue {
    if (!VARIABLE.matcher(value).matches()) {
      throw InvalidValue.concealed(
          "is not the name of an environment variable",
          "give the name, such as OPENAI_API_KEY, and put the key itself into the variable");
    }
    return value;
  }
}
