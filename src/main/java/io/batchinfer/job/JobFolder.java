package io.batchinfer.job;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.Plan;
import io.batchinfer.model.Reopening;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where the files of a job are, and the small ones among them. Thread-safe. */
public final class JobFolder {
  /** Name of the plan's folder. */
  public static final String PLAN = "_plan";

  /** Where a store of the service keeps the bytes of an upload. */
  private static final Pattern UPLOAD =
      Pattern.compile(".*/workspaces/[^/]+/files/([^/]+)/content\\.jsonl");

  private final FileStore store;
  private final String root;
  private final String planName;

  /**
   * The folder with its own plan.
   *
   * @param root qualified path of the output folder
   */
  public JobFolder(FileStore store, String root) {
    this(store, root, PLAN);
  }

  /**
   * The folder with another plan than its own, to compare with.
   *
   * @param planName name of the plan's folder
   */
  public JobFolder(FileStore store, String root, String planName) {
    this.store = store;
    this.planName = planName;
    this.root = root.endsWith("/") ? root.substring(0, root.length() - 1) : root;
  }

  public FileStore store() {
    return store;
  }

  public String root() {
    return root;
  }

  /** How an input is called where callers read it: an upload by its id, without the store. */
  public static String shownInput(String path) {
    Matcher upload = UPLOAD.matcher(path);
    return upload.matches() ? upload.group(1) : path;
  }

  public String resultPart(int split, int splits) {
    return root + "/results/" + partName(split, splits);
  }

  public String errorPart(int split, int splits) {
    return root + "/errors/" + partName(split, splits);
  }

  private static String partName(int split, int splits) {
    int width = Math.max(5, Integer.toString(Math.max(0, splits - 1)).length());
    return "part-" + ("%0" + width + "d").formatted(split) + ".jsonl";
  }

  /** The report of the job, for people. */
  public String report() {
    return root + "/report.html";
  }

  public String results() {
    return root + "/results";
  }

  public String errors() {
    return root + "/errors";
  }

  public String journal() {
    return root + "/_journal";
  }

  public String segments() {
    return root + "/_journal/segments";
  }

  public String owner() {
    return root + "/_journal/owner";
  }

  /** Parts that are written but not published. */
  public String assembly() {
    return root + "/_journal/assembly";
  }

  /** What was spent on the rows of a published split. */
  public String rowFacts(int split) {
    return root + "/_journal/facts/split-%05d.facts".formatted(split);
  }

  /**
   * What an engine of a run printed.
   *
   * @param name of the file, without its ending
   */
  public String engineLog(String name) {
    return root + "/_engine/" + name + ".log";
  }

  /** The marks of splits whose parts are published. */
  public CommitMarkers commits() {
    return new CommitMarkers(store, root + "/_journal/commits");
  }

  /** How the job's runs went over time. */
  public String course() {
    return root + "/_course";
  }

  public String plan() {
    return root + "/" + planName;
  }

  /** Plain copies of compressed input, or the lines of a table. */
  public String staged() {
    return plan() + "/staged";
  }

  /** 21 bytes per valid row of a scan unit: hash of endpoint and effective body, line, flags. */
  public String rowHashes(int unit) {
    return plan() + "/rows/unit-%06d.rows".formatted(unit);
  }

  /**
   * Folder of the lines of a scan unit that are equal to an earlier row; absent where there are
   * none.
   */
  public String equalRows(int unit) {
    return plan() + "/equal/unit-%06d".formatted(unit);
  }

  /** Lines of a unit, from 0, whose request is equal to that of an earlier row. */
  public BitSet equalLines(int unit) {
    return lines(equalRows(unit));
  }

  /**
   * Folder of the rows of a scan unit that are the first of equal ones, with the others; absent
   * where there are none.
   */
  public String equalGroups(int unit) {
    return plan() + "/groups/unit-%06d".formatted(unit);
  }

  /**
   * Folder of the rows of a scan unit of an earlier job that rows of this one are equal to; absent
   * where there are none.
   *
   * @param number of the earlier job among all that are looked at
   */
  public String reusableGroups(int number, int unit) {
    return reusable() + "/%03d/unit-%06d".formatted(number, unit);
  }

  /** What was found in earlier jobs. */
  public String reusable() {
    return plan() + "/reuse";
  }

  /** Answers that the rows of a split get from elsewhere. */
  public String copies(int split) {
    return copies() + "/split-%05d.copies".formatted(split);
  }

  private String copies() {
    return root + "/_journal/copies";
  }

  /** What is known of the job's batches at a provider, and what these answered. */
  public String remote() {
    return root + "/_journal/remote";
  }

  /** Hashes of a scan unit's custom_ids, while the plan is made. */
  public String customIds(int unit) {
    return ids() + "/unit-%06d.ids".formatted(unit);
  }

  public String ids() {
    return plan() + "/ids";
  }

  /**
   * Folder of the lines of a scan unit whose custom_id an earlier row has; absent where there are
   * none.
   */
  public String duplicates(int unit) {
    return plan() + "/duplicates/unit-%06d".formatted(unit);
  }

  /** Lines of a unit, from 0, whose custom_id an earlier row has. */
  public BitSet duplicateLines(int unit) {
    return lines(duplicates(unit));
  }

  /** The numbers in all files of a folder, four bytes each. */
  private BitSet lines(String path) {
    BitSet lines = new BitSet();
    for (FileStore.Entry entry : store.list(path)) {
      ByteBuffer written = ByteBuffer.wrap(store.readAll(entry.path()));
      while (written.hasRemaining()) {
        lines.set(written.getInt());
      }
    }
    return lines;
  }

  String submission(String token) {
    return root + "/_journal/submissions/" + token.replaceAll("[^A-Za-z0-9-]", "_");
  }

  /** A hidden file next to the folder. */
  String submissionBeside(String token) {
    int slash = root.lastIndexOf('/');
    return root.substring(0, slash + 1)
        + "."
        + root.substring(slash + 1)
        + ".submission-"
        + token.replaceAll("[^A-Za-z0-9-]", "_");
  }

  private String cancelRequest() {
    return root + "/_journal/cancel";
  }

  public String success() {
    return root + "/_SUCCESS";
  }

  private String record() {
    return root + "/job.json";
  }

  /** Whether there is a record, readable or not. */
  boolean hasRecord() {
    return store.find(record()).isPresent();
  }

  public Optional<JobRecord> readRecord() {
    if (store.find(record()).isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(JobJson.parse(store.readAll(record())));
    } catch (IOException e) {
      throw new BatchException(
          ErrorCode.OUTPUT_MISMATCH,
          "Cannot read \"%s\": %s. Give another --output, or remove the folder if nothing in it is needed."
              .formatted(record(), e.getMessage()),
          e);
    }
  }

  public void writeRecord(JobRecord job) {
    store.replace(record(), JobJson.record(job));
  }

  public void deleteRecord() {
    store.delete(record());
  }

  public Optional<Plan> readPlan() {
    String path = plan() + "/plan.json";
    if (store.find(path).isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(PlanJson.parse(store.readAll(path)));
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + path + "\"", e);
    }
  }

  public void writePlan(Plan plan) {
    store.replace(plan() + "/plan.json", PlanJson.write(plan));
  }

  /**
   * What is kept of the table that the job answers; empty for a job over files.
   *
   * @throws StorageException where another version of the program wrote it
   */
  public Optional<TableNote> readTable() {
    String path = plan() + "/table.json";
    if (store.find(path).isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(TableJson.parse(store.readAll(path)));
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + path + "\"", e);
    }
  }

  public void writeTable(TableNote note) {
    store.replace(plan() + "/table.json", TableJson.write(note));
  }

  /** The reopening that is under way, if there is one. */
  public Optional<Reopening> readReopening() {
    String path = reopening();
    if (store.find(path).isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(ReopeningJson.parse(store.readAll(path)));
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + path + "\"", e);
    }
  }

  public void writeReopening(Reopening reopening) {
    store.replace(reopening(), ReopeningJson.write(reopening));
  }

  /**
   * Deletes what only an unfinished job needs; to be called when every split is committed. The
   * intent of a reopening outlives the segments that it needs.
   */
  public void forgetJournal() {
    store.delete(assembly());
    store.delete(segments());
    store.delete(copies());
    store.delete(remote());
    store.delete(reopening());
  }

  private String reopening() {
    return journal() + "/reopening.json";
  }

  /** Asks whoever runs the job to cancel it. */
  public void requestCancel() {
    store.replace(cancelRequest(), new byte[0]);
  }

  public boolean isCancelRequested() {
    return store.find(cancelRequest()).isPresent();
  }

  public void withdrawCancel() {
    store.delete(cancelRequest());
  }

  /** Whether there is a file where the folder should be. */
  public boolean isFile() {
    return store.find(root).filter(entry -> !entry.folder()).isPresent();
  }

  /** Whether the folder holds anything at all. */
  public boolean isEmpty() {
    return store.list(root).isEmpty();
  }
}
