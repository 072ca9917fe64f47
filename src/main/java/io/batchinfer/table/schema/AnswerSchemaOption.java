package io.batchinfer.table.schema;

import io.batchinfer.config.ModelOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.schema.AnswerSchema;
import io.batchinfer.schema.InvalidSchemaException;
import java.util.Optional;

/** Makes JSON Schema of whatever {@code --answer-schema} was given. */
public final class AnswerSchemaOption {
  private AnswerSchemaOption() {}

  /**
   * The same options with the answer schema as JSON Schema on one line, which is what makes jobs
   * the same or different.
   *
   * @throws BatchException {@link ErrorCode#USAGE} if it is not a schema, or something is said
   *     about a schema and none is given
   */
  public static ResolvedOptions resolved(ResolvedOptions options) {
    Optional<String> given = options.find(ModelOptions.ANSWER_SCHEMA);
    if (given.isEmpty()) {
      refuseWithoutSchema(options);
      return options;
    }
    try {
      String text = given.get().startsWith("{") ? given.get() : ColumnSchema.ofDdl(given.get());
      return options.with(
          ModelOptions.ANSWER_SCHEMA,
          AnswerSchema.of(text).text(),
          options.source(ModelOptions.ANSWER_SCHEMA));
    } catch (InvalidSchemaException e) {
      throw new BatchException(
          ErrorCode.USAGE,
          "The answer schema (%s) %s."
              .formatted(options.source(ModelOptions.ANSWER_SCHEMA), e.words()),
          e);
    }
  }

  private static void refuseWithoutSchema(ResolvedOptions options) {
    boolean repairs = options.get(ModelOptions.REPAIR_ATTEMPTS) > 0;
    if (repairs || options.isGiven(ModelOptions.ANSWER_SCHEMA_MODE)) {
      throw new BatchException(
          ErrorCode.USAGE,
          "%s says what to do about answers that do not fit, but no --answer-schema says what they are to fit; give one, or leave it out."
              .formatted(
                  repairs
                      ? ModelOptions.REPAIR_ATTEMPTS.flag()
                      : ModelOptions.ANSWER_SCHEMA_MODE.flag()));
    }
  }
}
