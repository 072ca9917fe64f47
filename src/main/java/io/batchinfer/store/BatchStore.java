package io.batchinfer.store;

import io.batchinfer.job.JobFolder;
import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchJob;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.StorageException;
import io.batchinfer.storage.UnreadableRecordException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The service's files and jobs as they lie on a filesystem, workspace by workspace:
 *
 * <pre>
 * workspaces/NAME/files/ID/{file.json,content.jsonl}
 * workspaces/NAME/jobs/ID/{batch.json,timeline.jsonl,run/}
 * workspaces/NAME/deleted-jobs.json
 * </pre>
 *
 * Ids and names must have been checked by the caller. Thread-safe.
 */
public final class BatchStore {
  private static final String FILE = "/file.json";
  private static final String JOB = "/batch.json";

  private final FileStore store;
  private final String root;

  /**
   * @param root folder of the store
   */
  public BatchStore(FileStore store, String root) {
    this.store = store;
    String qualified = store.qualify(root);
    this.root =
        qualified.endsWith("/") ? qualified.substring(0, qualified.length() - 1) : qualified;
  }

  public FileStore files() {
    return store;
  }

  /** Qualified path of the store. */
  public String root() {
    return root;
  }

  /** Folder of the claims to the store. */
  public String owner() {
    return root + "/owner";
  }

  /** Folder of notes that others leave for the owner. */
  String inbox() {
    return root + "/inbox";
  }

  private String limitsPath() {
    return root + "/limits.json";
  }

  /** Keeps what the service allows, for commands beside it or after it. */
  public void write(StoreLimits limits) {
    store.replace(limitsPath(), StoreJson.limits(limits));
  }

  /** What the last service allowed; empty where there was none. */
  public Optional<StoreLimits> limits() {
    return read(limitsPath(), this::parseLimits);
  }

  private StoreLimits parseLimits(byte[] json) {
    try {
      return StoreJson.parseLimits(json);
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + limitsPath() + "\"", e);
    }
  }

  private String workspaces() {
    return root + "/workspaces";
  }

  private String fileFolder(String workspace, String id) {
    return workspaces() + "/" + workspace + "/files/" + id;
  }

  private String jobFolder(String workspace, String id) {
    return workspaces() + "/" + workspace + "/jobs/" + id;
  }

  /** Path of an upload's bytes. */
  public String content(String workspace, String id) {
    return fileFolder(workspace, id) + "/content.jsonl";
  }

  /** Where the job's run has its output. */
  public JobFolder run(String workspace, String id) {
    return new JobFolder(store, jobFolder(workspace, id) + "/run");
  }

  /** Where a job of an earlier version keeps how it went over time. */
  public String timeline(String workspace, String id) {
    return jobFolder(workspace, id) + "/timeline.jsonl";
  }

  /** Names of the workspaces that hold anything. */
  public List<String> workspaceNames() {
    return store.list(workspaces()).stream()
        .filter(FileStore.Entry::folder)
        .map(FileStore.Entry::name)
        .filter(Workspace::isName)
        .toList();
  }

  public List<String> fileIds(String workspace) {
    return ids(workspaces() + "/" + workspace + "/files", BatchIds::isFile);
  }

  public List<String> jobIds(String workspace) {
    return ids(workspaces() + "/" + workspace + "/jobs", BatchIds::isJob);
  }

  private List<String> ids(String folder, Predicate<String> form) {
    Stream<FileStore.Entry> entries = store.list(folder).stream().filter(FileStore.Entry::folder);
    return entries.map(FileStore.Entry::name).filter(form).toList();
  }

  /** What lies in the folder of a file. */
  Footprint fileFootprint(String workspace, String id) {
    return Footprint.of(store, fileFolder(workspace, id));
  }

  /** What lies in the folder of a job. */
  Footprint jobFootprint(String workspace, String id) {
    return Footprint.of(store, jobFolder(workspace, id));
  }

  public void write(BatchFile file) {
    store.replace(fileFolder(file.workspace(), file.id()) + FILE, BatchJson.file(file));
  }

  /**
   * Empty for an upload that never came to its end.
   *
   * @throws UnreadableRecordException where the record is damaged
   */
  public Optional<BatchFile> readFile(String workspace, String id) {
    return read(fileFolder(workspace, id) + FILE, json -> parseFile(json, workspace, id));
  }

  private BatchFile parseFile(byte[] json, String workspace, String id) {
    try {
      return BatchJson.parseFile(json);
    } catch (IOException e) {
      throw new UnreadableRecordException(fileFolder(workspace, id) + FILE, e);
    }
  }

  public void write(BatchJob job) {
    store.replace(jobFolder(job.workspace(), job.id()) + JOB, BatchJson.job(job));
  }

  /**
   * Empty for a job that never came to be.
   *
   * @throws UnreadableRecordException where the record is damaged
   */
  public Optional<BatchJob> readJob(String workspace, String id) {
    return read(jobFolder(workspace, id) + JOB, json -> parseJob(json, workspace, id));
  }

  private BatchJob parseJob(byte[] json, String workspace, String id) {
    try {
      return BatchJson.parseJob(json);
    } catch (IOException e) {
      throw new UnreadableRecordException(jobFolder(workspace, id) + JOB, e);
    }
  }

  private <T> Optional<T> read(String path, Function<byte[], T> parse) {
    return store.find(path).map(entry -> parse.apply(store.readAll(path)));
  }

  /** Makes a file one that was never there: only its bytes are left. */
  void deleteFileRecord(String workspace, String id) {
    store.delete(fileFolder(workspace, id) + FILE);
  }

  /** Deletes a file with its bytes. */
  public void deleteFile(String workspace, String id) {
    deleteFileRecord(workspace, id);
    store.delete(fileFolder(workspace, id));
  }

  /** Makes a job one that never came to be: only what it made is left. */
  void deleteJobRecord(String workspace, String id) {
    store.delete(jobFolder(workspace, id) + JOB);
  }

  /** Deletes a job with everything it made. */
  public void deleteJob(String workspace, String id) {
    deleteJobRecord(workspace, id);
    store.delete(jobFolder(workspace, id));
  }

  /** What the workspace keeps of deleted jobs. */
  DeletedJobs deletedJobs(String workspace) {
    return read(deletedPath(workspace), json -> parseDeleted(json, workspace))
        .orElse(DeletedJobs.NONE);
  }

  void write(String workspace, DeletedJobs deleted) {
    store.replace(deletedPath(workspace), StoreJson.deletedJobs(deleted));
  }

  private DeletedJobs parseDeleted(byte[] json, String workspace) {
    try {
      return StoreJson.parseDeletedJobs(json);
    } catch (IOException e) {
      throw new UnreadableRecordException(deletedPath(workspace), e);
    }
  }

  private String deletedPath(String workspace) {
    return workspaces() + "/" + workspace + "/deleted-jobs.json";
  }
}
