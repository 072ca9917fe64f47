package io.batchinfer.engine.run;

import io.batchinfer.job.JobFolder;
import io.batchinfer.quota.DriverPort;
import io.batchinfer.storage.FileStores;
import java.util.List;

/** Where a task is done. Thread-safe. */
public interface TaskPlace {
  /** Files as they are seen there. */
  FileStores stores();

  /**
   * The way to the driver.
   *
   * @param connection as the cluster {@linkplain Cluster#connect named} it
   */
  DriverPort driver(String connection);

  /** The name that the cluster manager knows the process by. */
  String process();

  /** The name that the cluster manager knows the machine by. */
  String host();

  /** Addresses of the GPUs that the task may use; none where no GPUs are scheduled. */
  List<String> gpus();

  /**
   * The folder of a job.
   *
   * @param root qualified output folder
   */
  default JobFolder folder(String root) {
    return new JobFolder(stores(), root);
  }

  /** The same with a plan in another folder. */
  default JobFolder folder(String root, String planName) {
    return new JobFolder(stores(), root, planName);
  }
}
