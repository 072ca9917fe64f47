package io.batchinfer.engine.run;

import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.engine.lead.ExistingJob;
import io.batchinfer.engine.plan.InputFiles;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.Plan;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.FileStores;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/** Requests in files of JSON lines, which are read where they lie. */
public final class FileRequests implements RequestSource {
  private final FileStores stores;
  private final List<String> inputs;
  private final ResolvedOptions options;
  private final JobFolder folder;
  private List<FileStore.Entry> files = List.of();

  /**
   * Files that need not exist yet.
   *
   * @param inputs paths, folders or globs
   * @param root qualified output folder
   */
  public FileRequests(
      FileStores stores, List<String> inputs, ResolvedOptions options, String root) {
    this.stores = stores;
    this.inputs = List.copyOf(inputs);
    this.options = options;
    this.folder = new JobFolder(stores, root);
  }

  @Override
  public void open(Consumer<String> notices) {
    InputFiles found = InputFiles.of(stores, inputs, options);
    found.notice().ifPresent(notices);
    files = found.files();
  }

  @Override
  public boolean holds(Plan saved, Function<List<FileStore.Entry>, Hash128> contentOf) {
    return ExistingJob.isUnchanged(saved, files) || contentOf.apply(files).equals(saved.content());
  }

  @Override
  public String difference() {
    return "the content of %s has changed. Nothing in it was touched; give another --output, or --rerun to replace that job's results."
        .formatted(inputs);
  }

  @Override
  public Lines lines() {
    return () -> files;
  }

  /** Plain copies of compressed files can be made again. */
  @Override
  public void finished() {
    stores.delete(folder.staged());
  }
}
