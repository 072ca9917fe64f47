package io.batchinfer.remote;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A provider's batch service in its dialect. Every method waits for its answer and throws a {@link
 * RemoteException} where that is not what was asked for. Thread-safe.
 */
public interface RemoteBatchApi {
  /** Where an own id stands in a batch's metadata. */
  String OWN_ID = "batchinfer_id";

  /**
   * A file at the provider.
   *
   * @param bytes as the provider counts them, or -1
   */
  record StoredFile(String id, String name, long bytes) {}

  /**
   * What a batch is to be.
   *
   * @param ownId unique, by which it is found again
   * @param inputFile id of the file of its requests
   * @param endpoint canonical path of all of them
   * @param model of all of them, or empty
   * @param window how long it may take, in the provider's form: {@code 24h}
   * @param sinceMillis when it was written down that it would be created, by the wall clock
   */
  record Order(
      String ownId,
      String inputFile,
      String endpoint,
      String model,
      String window,
      long sinceMillis) {}

  /** Stores a file of requests; its id. */
  String upload(String fileName, Path file) throws InterruptedException;

  /** The files of requests whose name begins so; the newest come first where the provider knows. */
  List<StoredFile> files(String namePrefix) throws InterruptedException;

  RemoteBatch create(Order order) throws InterruptedException;

  /**
   * Looks for the batch that was created for an order, among all that are there. One that shows no
   * own id is known by its file of requests.
   */
  Optional<RemoteBatch> find(Order order) throws InterruptedException;

  RemoteBatch get(String id) throws InterruptedException;

  /** Asks for an end; what is done by then stays. Nothing happens to a batch that is over. */
  void cancel(String id) throws InterruptedException;

  /** Writes the content of a file to disk. */
  void download(String file, Path to) throws InterruptedException;

  /** Deletes a file; nothing happens where there is none. */
  void delete(String file) throws InterruptedException;
}
