package io.batchinfer.config;

import java.util.List;

/** What is asked for in the bodies of requests, and what answers have to be like. */
public final class ModelOptions {
  private static final Declarations OPTIONS = new Declarations(OptionGroup.MODEL);

  public static final Option<String> MODEL =
      OPTIONS.add(
          Option.text("model", "NAME").identity(),
          "Model of the lines that name none. A line that names another one is refused"
              + " unless model-override or keep-line-models says which wins.");

  public static final Option<Boolean> MODEL_OVERRIDE =
      OPTIONS.add(
          Option.flag("model-override").identity(),
          "The job's model replaces the model of every line.");

  public static final Option<Boolean> KEEP_LINE_MODELS =
      OPTIONS.add(
          Option.flag("keep-line-models").identity(),
          "A line's own model wins, such as the id of an adapter.");

  public static final Option<String> AGENT_ID =
      OPTIONS.add(
          Option.text("agent-id", "ID").identity(),
          "Agent of Mistral's API that answers the lines that name none, in place of a"
              + " model.");

  public static final Option<EmbeddingsEncoding> EMBEDDINGS_ENCODING =
      OPTIONS.add(
          Option.choice("embeddings-encoding", EmbeddingsEncoding.class).identity(),
          "Sets encoding_format of embedding requests where absent; base64 makes results"
              + " much smaller.");

  public static final Option<String> ANSWER_SCHEMA =
      OPTIONS.add(
          Option.verbatim("answer-schema", "TEXT|FILE", AnswerSchemaText::read).identity(),
          "Schema that every answer has to fit: JSON Schema, columns in Spark's DDL, or a"
              + " file with either. An answer that does not fit becomes an error row that"
              + " keeps it.");

  public static final Option<AnswerSchemaMode> ANSWER_SCHEMA_MODE =
      OPTIONS.add(
          Option.choice("answer-schema-mode", AnswerSchemaMode.class)
              .defaultsByCircumstance("request")
              .identity(),
          "What is done with the answer schema: request puts it into every request and"
              + " checks every answer, check leaves the requests alone.");

  public static final Option<AnswerSchemaForm> ANSWER_SCHEMA_FORM =
      OPTIONS.add(
          Option.choice("answer-schema-form", AnswerSchemaForm.class)
              .defaultsByCircumstance("the provider's, else standard"),
          "How requests state the answer schema: standard is the form of the API's inventor"
              + " (response_format, text.format, output_config.format); the others are for"
              + " servers that have a field of their own.");

  public static final Option<Integer> REPAIR_ATTEMPTS =
      OPTIONS.add(
          Option.integer("repair-attempts").defaultsTo(0).atLeast(0),
          "How often a request is sent again, and paid for again, when its answer does not"
              + " fit the answer schema; max-attempts holds for all attempts together.");

  private ModelOptions() {}

  static List<Option<?>> all() {
    return OPTIONS.all();
  }
}
