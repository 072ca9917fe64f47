package io.batchinfer.spark;

import io.batchinfer.engine.run.TaskPlace;
import io.batchinfer.quota.DriverPort;
import io.batchinfer.storage.FileStores;
import java.util.List;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;
import org.jspecify.annotations.Nullable;

/** Where a Spark task is done. */
final class TaskOnSpark implements TaskPlace {
  static final TaskOnSpark HERE = new TaskOnSpark();

  private TaskOnSpark() {}

  @Override
  public FileStores stores() {
    return TaskFiles.stores();
  }

  @Override
  public DriverPort driver(String connection) {
    return new RpcDriverPort(connection);
  }

  @Override
  public String process() {
    return SparkEnv.get().executorId();
  }

  @Override
  public String host() {
    return SparkEnv.get().blockManager().blockManagerId().host();
  }

  @Override
  public List<String> gpus() {
    @Nullable ResourceInformation gpus = TaskContext.get().resourcesJMap().get("gpu");
    return gpus == null ? List.of() : List.of(gpus.addresses());
  }
}
