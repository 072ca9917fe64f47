package io.batchinfer.engine.run;

import io.batchinfer.job.JobFolder;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.FileStores;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;

/** Finds out before anything is sent whether executors see the output folder of the driver. */
final class SharedOutput {
  private SharedOutput() {}

  /**
   * Lets tasks on the cluster look for a file that the driver wrote. Only a {@code file:} path can
   * be another one elsewhere.
   *
   * @throws BatchException with {@link ErrorCode#USAGE} where one does not see it
   */
  static void check(Cluster cluster, JobFolder folder) {
    if (cluster.isLocal() || !FileStores.isLocal(folder.root())) {
      return;
    }
    String marker = folder.journal() + "/visible-" + UUID.randomUUID();
    folder.store().replace(marker, new byte[0]);
    try {
      List<Integer> tasks = IntStream.range(0, cluster.parallelism() * 2).boxed().toList();
      List<String> blind =
          cluster
              .map(
                  new TaskLabel(folder.root(), "look whether executors see the output"),
                  tasks,
                  (unused, here) -> here.stores().find(marker).isEmpty() ? here.process() : "")
              .stream()
              .filter(process -> !process.isEmpty())
              .distinct()
              .toList();
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
