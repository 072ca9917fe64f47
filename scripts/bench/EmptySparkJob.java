import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** The least that Spark can do: one task over one element. */
public final class EmptySparkJob {
  private EmptySparkJob() {}

  public static void main(String[] arguments) {
    try (JavaSparkContext context = new JavaSparkContext(new SparkConf())) {
      context.parallelize(List.of(1), 1).count();
    }
  }
}
