package io.batchinfer.testing;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * The least a Spark job can do: proves that a cluster runs tasks and passes output and exit code.
 */
public final class CountingJob {
  private CountingJob() {}

  /** Counts on the executors, prints the count and exits with the first argument. */
  public static void main(String[] arguments) {
    long count;
    try (JavaSparkContext context = new JavaSparkContext(new SparkConf().setAppName("counting"))) {
      count = context.parallelize(IntStream.range(0, 100).boxed().toList(), 4).count();
    }
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    out.println("counted " + count);
    System.exit(Integer.parseInt(arguments[0]));
  }
}
