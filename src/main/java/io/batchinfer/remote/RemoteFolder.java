package io.batchinfer.remote;

import io.batchinfer.job.JobFolder;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.TemporaryName;
import java.util.ArrayList;
import java.util.List;

/** Where a job keeps what it knows of its batches at a provider. */
public final class RemoteFolder {
  private final JobFolder folder;

  public RemoteFolder(JobFolder folder) {
    this.folder = folder;
  }

  public FileStore store() {
    return folder.store();
  }

  /** What the batches of a round hold. */
  String round(int round) {
    return folder.remote() + "/round-%03d.json".formatted(round);
  }

  /** Is there when all of a round is read and sorted. */
  String roundDone(int round) {
    return folder.remote() + "/round-%03d.done".formatted(round);
  }

  String note(int batch) {
    return folder.remote() + "/batch-%06d.json".formatted(batch);
  }

  /** Rows of a split that a round asks for. */
  public String rows(int round, int split) {
    return folder.remote() + "/round-%03d/rows/split-%05d.rows".formatted(round, split);
  }

  /** What a provider answered to a batch: one line for each of its rows. */
  public String lines(int batch) {
    return folder.remote() + "/lines/batch-%06d.jsonl".formatted(batch);
  }

  /** Those files of a split that are there, round by round. */
  public List<String> answers(int split) {
    List<String> files = new ArrayList<>();
    for (int round = 0; store().find(round(round)).isPresent(); round++) {
      if (store().find(answers(round, split)).isPresent()) {
        files.add(answers(round, split));
      }
    }
    return files;
  }

  /** The same for the rows of a split, in their order. */
  public String answers(int round, int split) {
    return folder.remote() + "/round-%03d/answers/split-%05d.copies".formatted(round, split);
  }

  /** A name beside that of a file under which it is written until it is whole. */
  public String temporary(String path) {
    return TemporaryName.of(path);
  }
}
