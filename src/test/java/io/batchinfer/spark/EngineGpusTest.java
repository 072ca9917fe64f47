package io.batchinfer.spark;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.config.OptionSources;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.model.BatchException;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

class EngineGpusTest {
  private static final String COMMAND = "vllm serve m --port {port}";

  private static ResolvedOptions options(String per) {
    return OptionSources.builder()
        .flags(Map.of("engine", List.of(COMMAND), "engine-per", List.of(per)))
        .resolve();
  }

  private static SparkConf conf(String... settings) {
    SparkConf conf = new SparkConf(false);
    for (int i = 0; i < settings.length; i += 2) {
      conf.set(settings[i], settings[i + 1]);
    }
    return conf;
  }

  @Test
  void aTaskHasAllGpusOfItsExecutorOrNoneAreScheduled() {
    SparkConf all =
        conf("spark.executor.resource.gpu.amount", "4", "spark.task.resource.gpu.amount", "4");

    assertThatCode(() -> EngineGpus.check(all, options("executor"))).doesNotThrowAnyException();
    assertThatCode(() -> EngineGpus.check(all, options("gpu"))).doesNotThrowAnyException();
    assertThatCode(() -> EngineGpus.check(conf(), options("node"))).doesNotThrowAnyException();
  }

  @Test
  void aTaskWithAPartOfThemIsRefusedForEnginesOnly() {
    SparkConf part =
        conf("spark.executor.resource.gpu.amount", "4", "spark.task.resource.gpu.amount", "0.25");
    SparkConf none = conf("spark.executor.resource.gpu.amount", "2");

    assertThatThrownBy(() -> EngineGpus.check(part, options("executor")))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("has 0.25 of its executor's 4")
        .hasMessageContaining("Set spark.task.resource.gpu.amount to 4");
    assertThatThrownBy(() -> EngineGpus.check(none, options("gpu")))
        .hasMessageContaining("has none of its executor's 2");
    assertThatCode(() -> EngineGpus.check(part, OptionSources.builder().resolve()))
        .doesNotThrowAnyException();
  }

  @Test
  void gpusThatAreDividedAreNotSharedByAMachine() {
    SparkConf all =
        conf("spark.executor.resource.gpu.amount", "1", "spark.task.resource.gpu.amount", "1");

    assertThatThrownBy(() -> EngineGpus.check(all, options("node")))
        .hasMessageContaining("--engine-per executor");
  }

  @Test
  void whatIsNoNumberIsSaid() {
    assertThatThrownBy(
            () ->
                EngineGpus.check(
                    conf("spark.executor.resource.gpu.amount", "two"), options("executor")))
        .hasMessageContaining("\"two\"");
  }
}
