package io.batchinfer.spark;

import io.batchinfer.job.JobFolder;
import io.batchinfer.storage.FileStores;
import org.apache.spark.SparkEnv;
import org.apache.spark.deploy.SparkHadoopUtil;

/** Files as a task sees them: Hadoop configured the way Spark configured it for this process. */
public final class TaskFiles {
  private TaskFiles() {}

  public static FileStores stores() {
    return new FileStores(() -> SparkHadoopUtil.get().newConfiguration(SparkEnv.get().conf()));
  }

  /** The folder of a job, in a task. */
  public static JobFolder folder(String root) {
    return new JobFolder(stores(), root);
  }
}
