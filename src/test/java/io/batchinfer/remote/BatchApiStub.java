package io.batchinfer.remote;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A provider's batch service of a test: a call that the test does not script fails it. */
public abstract class BatchApiStub implements RemoteBatchApi {
  private static AssertionError unscripted(String call) {
    return new AssertionError("nobody was to call " + call);
  }

  @Override
  public String upload(String fileName, Path file) {
    throw unscripted("upload");
  }

  @Override
  public List<StoredFile> files(String namePrefix) {
    throw unscripted("files");
  }

  @Override
  public RemoteBatch create(Order order) {
    throw unscripted("create");
  }

  @Override
  public Optional<RemoteBatch> find(Order order) {
    throw unscripted("find");
  }

  @Override
  public RemoteBatch get(String id) {
    throw unscripted("get");
  }

  @Override
  public void cancel(String id) {
    throw unscripted("cancel");
  }

  @Override
  public void download(String file, Path to) {
    throw unscripted("download");
  }

  @Override
  public void delete(String file) {
    throw unscripted("delete");
  }
}
