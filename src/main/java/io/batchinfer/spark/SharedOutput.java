package io.batchinfer.spark;

import io.batchinfer.job.JobFolder;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.FileStores;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;

/** Finds out before anything is sent whether executors see the output folder of the driver. */
final class SharedOutput {
  private SharedOutput() {}

  /**
   * Lets tasks on the cluster look for a file that the driver wrote. Only a {@code file:} path can
   * be another one elsewhere.
   *
   * @throws BatchException with {@link ErrorCode#USAGE} where one does not see it
   */
  static void check(JavaSparkContext context, JobFolder folder) {
    if (context.isLocal() || !FileStores.isLocal(folder.root())) {
      return;
    }
    String marker = folder.journal() + "/visible-" + UUID.randomUUID();
    folder.store().replace(marker, new byte[0]);
    try (JobLabel label =
        JobLabel.of(context, folder.root(), "look whether executors see the output")) {
      List<Integer> tasks = new ArrayList<>();
      for (int i = 0; i < context.defaultParallelism() * 2; i++) {
        tasks.add(i);
      }
      List<String> blind =
          context
              .parallelize(tasks, tasks.size())
              .filter(unused -> TaskFiles.stores().find(marker).isEmpty())
              .map(unused -> SparkEnv.get().executorId())
              .distinct()
              .collect();
      if (!blind.isEmpty()) {
        throw new BatchException(
            ErrorCode.USAGE,
            "The output \"%s\" is on this machine's own disk, which executors %s do not see. Give an --output on a filesystem that all machines share (hdfs:, s3a:, abfss:, a network mount)."
                .formatted(folder.root(), blind));
      }
    } finally {
      folder.store().delete(marker);
    }
  }
}
