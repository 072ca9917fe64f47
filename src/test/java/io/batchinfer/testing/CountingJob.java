package io.batchinfer.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
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

  /** Packs this class alone into a jar. */
  static Path jar(Path directory) throws IOException {
    String entry = CountingJob.class.getName().replace('.', '/') + ".class";
    Path jar = directory.resolve("counting-job.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
        InputStream in = CountingJob.class.getResourceAsStream("/" + entry)) {
      out.putNextEntry(new JarEntry(entry));
      if (in == null) {
        throw new IOException("\"" + entry + "\" is not on the class path.");
      }
      in.transferTo(out);
    }
    return jar;
  }
}
