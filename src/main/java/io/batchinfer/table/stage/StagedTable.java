package io.batchinfer.table.stage;

import io.batchinfer.config.RepeatOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.engine.run.RequestSource;
import io.batchinfer.job.JobFolder;
import io.batchinfer.job.TableNote;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.Plan;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.FileStores;
import io.batchinfer.storage.StorageException;
import io.batchinfer.table.render.RequestRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.types.StructField;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a table as a job's requests. A table is not read twice for what is sent: its rows may
 * differ the next time. They are rendered and written down once; afterwards the table is rendered
 * only to tell whether it is still the same, and what is sent is what was written.
 */
public final class StagedTable implements RequestSource {
  private final JavaSparkContext context;
  private final Supplier<RequestRows> table;
  private final JobFolder folder;
  private final ResolvedOptions options;
  private Consumer<String> notices = notice -> {};
  private @Nullable TableStaging staging;
  private @Nullable RequestRows requests;

  /**
   * A table that is not looked at yet.
   *
   * @param table gives the table's rows; called once, by the run
   * @param root qualified output folder
   */
  public StagedTable(
      JavaSparkContext context, Supplier<RequestRows> table, ResolvedOptions options, String root) {
    this.context = context;
    this.table = table;
    this.options = options;
    this.folder = new JobFolder(new FileStores(context::hadoopConfiguration), root);
  }

  @Override
  public void open(Consumer<String> notices) {
    this.notices = notices;
  }

  private RequestRows requests() {
    if (requests == null) {
      requests = table.get();
    }
    return requests;
  }

  private TableStaging staging() {
    if (staging == null) {
      staging = new TableStaging(context, requests());
    }
    return staging;
  }

  @Override
  public boolean holds(Plan saved, Function<List<FileStore.Entry>, Hash128> contentOf) {
    Optional<TableNote> note = folder.readTable();
    if (note.isEmpty()) {
      return false;
    }
    if (options.get(RepeatOptions.RESUME_STAGED)) {
      return true;
    }
    TableSum now = TableFailure.reading(() -> staging().sum());
    return now.rows() == note.get().rows()
        && now.fingerprint().hex().equals(note.get().fingerprint());
  }

  @Override
  public String difference() {
    Optional<TableNote> note = folder.readTable();
    if (note.isEmpty()) {
      return "it was no table. Nothing in it was touched; give another --output, or --rerun to replace that job's results.";
    }
    TableDifference difference =
        TableFailure.reading(() -> staging().difference(parts(note.get())));
    return "the table has changed: %s. Nothing was touched and nothing sent; give --resume-staged to go on with the rows as they were staged, another --output for the table as it is, or --rerun to replace that job's results."
        .formatted(difference.words());
  }

  private static List<StagedPart> parts(TableNote note) {
    List<StagedPart> parts = new ArrayList<>();
    for (TableNote.StagedFile file : note.files()) {
      parts.add(
          new StagedPart(parts.size(), file.path(), file.bytes(), new TableSum(file.rows(), 0, 0)));
    }
    return parts;
  }

  @Override
  public Lines lines() {
    String place = folder.staged() + "/" + UUID.randomUUID();
    List<StagedPart> parts;
    try {
      parts = TableFailure.reading(() -> staging().stage(place));
    } catch (RuntimeException e) {
      forget(place, e);
      throw e;
    }
    TableSum sum = parts.stream().map(StagedPart::sum).reduce(TableSum.NOTHING, TableSum::plus);
    if (sum.rows() == 0) {
      folder.store().delete(place);
      throw new BatchException(
          ErrorCode.INVALID_INPUT, "The table is empty: there is no request to send.");
    }
    notices.accept("Staged %,d rows of the table.".formatted(sum.rows()));
    return new Staged(place, parts, note(parts, sum));
  }

  /** What was staged of a table that cannot be read counts for nothing. */
  private void forget(String place, RuntimeException ending) {
    try {
      folder.store().delete(place);
    } catch (StorageException e) {
      ending.addSuppressed(e);
    }
  }

  private TableNote note(List<StagedPart> parts, TableSum sum) {
    List<TableNote.Key> keys =
        Arrays.stream(requests().keys().fields())
            .map((StructField key) -> new TableNote.Key(key.name(), key.dataType().json()))
            .toList();
    List<TableNote.StagedFile> files =
        parts.stream()
            .map(part -> new TableNote.StagedFile(part.path(), part.bytes(), part.sum().rows()))
            .toList();
    return new TableNote(sum.rows(), sum.fingerprint().hex(), keys, files);
  }

  /** The staged lines are the requests that were sent, and rows that failed are read from them. */
  @Override
  public void finished() {}

  private final class Staged implements Lines {
    private final String place;
    private final List<FileStore.Entry> files;
    private final TableNote note;

    Staged(String place, List<StagedPart> parts, TableNote note) {
      this.place = place;
      this.note = note;
      this.files =
          parts.stream()
              .map(
                  part ->
                      folder
                          .store()
                          .find(part.path())
                          .orElseThrow(
                              () ->
                                  new BatchException(
                                      ErrorCode.STORAGE_FAILED,
                                      "The staged file \"%s\" is gone; nothing was sent. Executors and driver must see the same folder."
                                          .formatted(part.path()))))
              .toList();
    }

    @Override
    public List<FileStore.Entry> files() {
      return files;
    }

    @Override
    public Optional<String> folder() {
      return Optional.of(place);
    }

    @Override
    public void keep() {
      folder.writeTable(note);
    }
  }
}
