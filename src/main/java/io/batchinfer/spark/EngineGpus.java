package io.batchinfer.spark;

import io.batchinfer.config.EngineOptions;
import io.batchinfer.config.EnginePer;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import org.apache.spark.SparkConf;

/**
 * Looks whether engines get the GPUs that Spark schedules. An engine sees those of the task that
 * starts it, so that others would stay idle, or be taken twice.
 */
final class EngineGpus {
  private static final String OF_EXECUTOR = "spark.executor.resource.gpu.amount";
  private static final String OF_TASK = "spark.task.resource.gpu.amount";

  private EngineGpus() {}

  /**
   * Refuses what would start engines on a part of the GPUs.
   *
   * @throws BatchException {@link ErrorCode#USAGE} where engines are wanted and a task does not
   *     hold all GPUs of its executor, or where executors would share what Spark has divided
   */
  static void check(SparkConf conf, ResolvedOptions options) {
    double ofExecutor = amount(conf, OF_EXECUTOR);
    if (options.find(EngineOptions.ENGINE).isEmpty() || ofExecutor == 0) {
      return;
    }
    if (options.get(EngineOptions.ENGINE_PER) == EnginePer.NODE) {
      throw new BatchException(
          ErrorCode.USAGE,
          "With --engine-per node the executors of a machine share one engine, and here Spark gives each of them GPUs of its own (%s is %s). Give --engine-per executor, or start the executors without %s."
              .formatted(OF_EXECUTOR, conf.get(OF_EXECUTOR), OF_EXECUTOR));
    }
    if (amount(conf, OF_TASK) != ofExecutor) {
      throw new BatchException(
          ErrorCode.USAGE,
          "An engine gets the GPUs of the task that starts it, and here a task has %s of its executor's %s (%s). Set %s to %s, so that a task has all of them; one task keeps an engine busy."
              .formatted(
                  conf.get(OF_TASK, "none"),
                  conf.get(OF_EXECUTOR),
                  OF_EXECUTOR,
                  OF_TASK,
                  conf.get(OF_EXECUTOR)));
    }
  }

  private static double amount(SparkConf conf, String setting) {
    try {
      return Double.parseDouble(conf.get(setting, "0").strip());
    } catch (NumberFormatException e) {
      throw new BatchException(
          ErrorCode.USAGE,
          "The setting %s is \"%s\", which is no number; mend it."
              .formatted(setting, conf.get(setting)),
          e);
    }
  }
}
