package io.batchinfer.course;

import io.batchinfer.job.JobFolder;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where a job's course is kept: a file for each run, and a sketch with each commit. */
public final class CourseFolder {
  /** So many of the newest runs are kept. */
  public static final int MOST_RUNS = 50;

  private static final String ENDING = ".json";

  /** When the run started, and its number among those of the job. */
  private static final Pattern NAME = Pattern.compile("\\d{8}T\\d{6}Z-(\\d{1,9})\\.json");

  private final JobFolder folder;
  private final FileStore store;

  public CourseFolder(JobFolder folder) {
    this.folder = folder;
    this.store = folder.store();
  }

  /**
   * The kept runs, in the order of their starts.
   *
   * @throws StorageException where what is there cannot be read
   */
  public List<RunCourse> runs() {
    return files().stream().map(this::read).toList();
  }

  /**
   * The newest moment of a run that is at work, or was killed; empty where none is or nothing was
   * saved yet.
   *
   * @throws StorageException where what is there cannot be read
   */
  public Optional<CoursePoint> latest() {
    List<FileStore.Entry> files = files();
    if (files.isEmpty()) {
      return Optional.empty();
    }
    RunCourse run = read(files.get(files.size() - 1));
    return run.endedAt().isPresent() || run.points().isEmpty()
        ? Optional.empty()
        : Optional.of(run.points().get(run.points().size() - 1));
  }

  private RunCourse read(FileStore.Entry file) {
    try {
      return CourseJson.parse(store.readAll(file.path()));
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + file.path() + "\"", e);
    }
  }

  /** How many runs are not kept, since there were too many. */
  int runsLeftOut() {
    List<FileStore.Entry> files = files();
    return files.isEmpty() ? 0 : numberOf(files.get(0)) - 1;
  }

  private List<FileStore.Entry> files() {
    return store.list(folder.course()).stream()
        .filter(file -> NAME.matcher(file.name()).matches())
        .sorted(Comparator.comparingInt(CourseFolder::numberOf))
        .toList();
  }

  private static int numberOf(FileStore.Entry file) {
    Matcher name = NAME.matcher(file.name());
    if (!name.matches()) {
      throw new IllegalArgumentException("not the course of a run: " + file.name());
    }
    return Integer.parseInt(name.group(1));
  }

  /** The number of the next run, counted from 1. */
  int nextNumber() {
    List<FileStore.Entry> files = files();
    return files.isEmpty() ? 1 : numberOf(files.get(files.size() - 1)) + 1;
  }

  /** Replaces what is kept of a run. */
  void write(RunCourse run) {
    store.replace(folder.course() + "/" + run.run() + ENDING, CourseJson.write(run));
  }

  /** Deletes the oldest runs where there are too many. */
  void prune() {
    List<FileStore.Entry> files = files();
    for (FileStore.Entry old : files.subList(0, Math.max(0, files.size() - MOST_RUNS))) {
      store.delete(old.path());
    }
  }

  /** Whether the newest run has come to its end. */
  static boolean isOver(List<RunCourse> runs) {
    return !runs.isEmpty() && runs.get(runs.size() - 1).endedAt().isPresent();
  }

  /** What was kept at the end of the newest run; empty where it is at work, or was killed. */
  Optional<KeptRows> keptRows(List<RunCourse> runs) {
    if (!isOver(runs) || store.find(rows()).isEmpty()) {
      return Optional.empty();
    }
    try {
      return KeptRows.parse(store.readAll(rows()), runs.get(runs.size() - 1).run());
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + rows() + "\"", e);
    }
  }

  /** Keeps what is so at the end of the newest run. */
  void keep(KeptRows kept, List<RunCourse> runs) {
    store.replace(rows(), kept.write(runs.get(runs.size() - 1).run()));
  }

  private String rows() {
    return folder.course() + "/rows" + ENDING;
  }

  /** What is kept of the rows of a published split; empty where an older version published it. */
  public Optional<SplitSketch> sketch(int split) {
    Optional<byte[]> json = folder.commits().readRows(split);
    try {
      return json.isEmpty() ? Optional.empty() : Optional.of(SketchJson.parse(json.get()));
    } catch (IOException e) {
      throw new StorageException("Cannot read what is kept of the rows of split " + split, e);
    }
  }
}
