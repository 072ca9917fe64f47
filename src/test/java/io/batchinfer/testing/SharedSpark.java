package io.batchinfer.testing;

import com.holdenkarau.spark.testing.JavaDatasetSuiteBase;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.BeforeEach;

/**
 * Tests on a Spark context in this process. It starts with the first such test and serves all that
 * follow; Spark's own shutdown hook ends it.
 */
public abstract class SharedSpark extends JavaDatasetSuiteBase {

  @BeforeEach
  final void startSparkOnce() {
    runBefore();
  }

  @Override
  public SparkConf conf() {
    return super.conf()
        .setMaster("local[2]")
        .set("spark.ui.enabled", "false")
        .set("spark.driver.host", "127.0.0.1")
        .set("spark.driver.bindAddress", "127.0.0.1");
  }

  @Override
  public boolean enableHiveSupport() {
    return false;
  }
}
