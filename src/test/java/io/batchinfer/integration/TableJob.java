package io.batchinfer.integration;

import io.batchinfer.testing.BuiltProduct;
import io.batchinfer.testing.ForkedProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** A program of its own, on two cores, that writes a table of Parquet to the data source. */
final class TableJob {
  private TableJob() {}

  /**
   * Starts it.
   *
   * @param options of the data source
   */
  static ForkedProcess start(Path input, Path output, Map<String, String> options) {
    List<String> words = new ArrayList<>(List.of(BuiltProduct.java().toString(), "-Xmx1g"));
    words.addAll(BuiltProduct.sparkJvmFlags());
    words.addAll(List.of("-cp", System.getProperty("java.class.path"), TableJob.class.getName()));
    words.addAll(List.of(input.toString(), output.toString()));
    options.forEach((name, value) -> words.add(name + "=" + value));
    return ForkedProcess.command(words).with("SPARK_LOCAL_IP", "127.0.0.1").start();
  }

  /** Reads from its first argument and writes to its second, with options behind. */
  public static void main(String[] arguments) {
    SparkSession session =
        SparkSession.builder().master("local[2]").config("spark.ui.enabled", "false").getOrCreate();
    DataFrameWriter<Row> writer = session.read().parquet(arguments[0]).write().format("batchinfer");
    for (int i = 2; i < arguments.length; i++) {
      int equals = arguments[i].indexOf('=');
      writer = writer.option(arguments[i].substring(0, equals), arguments[i].substring(equals + 1));
    }
    writer.save(arguments[1]);
    session.stop();
  }
}
