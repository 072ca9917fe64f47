package io.batchinfer.source;

import io.batchinfer.BatchInference;
import io.batchinfer.config.Option;
import io.batchinfer.config.Options;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import scala.collection.immutable.Map;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Options of a data source as those of a run. They carry the names of the flags; since Python has
 * no dashes in names, underscores stand for them. Several values stand on a line each.
 */
final class SourceOptions {
  /** Spark's word for the folder. */
  static final String PATH = "path";

  private SourceOptions() {}

  static BatchInference of(Dataset<Row> rows, Map<String, String> parameters) {
    BatchInference inference = BatchInference.on(rows);
    CollectionConverters.asJava(parameters)
        .forEach(
            (key, value) -> {
              String name = key.toLowerCase(Locale.ROOT).replace('_', '-');
              if (!name.equals(PATH)) {
                refuseSecret(name);
                inference.option(name, values(name, value));
              }
            });
    return inference;
  }

  /** A prompt may have lines; only what may be given several times is given so by lines. */
  private static String[] values(String name, String value) {
    return Options.named(name).filter(Option::isRepeatable).isPresent()
        ? value.split("\n", -1)
        : new String[] {value};
  }

  /** Spark shows the options of a source in its plans, its log and its pages. */
  private static void refuseSecret(String name) {
    if (Options.named(name).filter(Option::isSecret).isPresent()) {
      throw new BatchException(
          ErrorCode.USAGE,
          "The option \"%s\" holds a secret, and Spark shows options to others; set the environment variable %s of the driver instead."
              .formatted(name, Options.named(name).orElseThrow().environmentVariable()));
    }
  }
}
