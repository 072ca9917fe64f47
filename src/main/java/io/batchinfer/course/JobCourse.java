package io.batchinfer.course;

import io.batchinfer.job.JobFolder;
import java.util.List;

/**
 * How a job went, over all its runs, and what its rows were like. Immutable.
 *
 * @param runs in the order of their starts, the newest {@link CourseFolder#MOST_RUNS}
 * @param runsLeftOut how many older ones are not kept
 * @param rows what the rows of published splits were like
 * @param sketchedSplits splits of which that is known; those that an older version of the program
 *     published are not among them
 * @param slowestSplits those that were worked on longest, the slowest first
 * @param equalRowsSent rows that ask the same as an earlier one of the job and were sent all the
 *     same
 */
public record JobCourse(
    List<RunCourse> runs,
    int runsLeftOut,
    RowSketch rows,
    int sketchedSplits,
    List<SplitTime> slowestSplits,
    long equalRowsSent) {
  /** Most of {@link #slowestSplits}. */
  public static final int MOST_SPLITS = 10;

  /** Of a job of which nothing is kept. */
  public static final JobCourse NONE = new JobCourse(List.of(), 0, RowSketch.NONE, 0, List.of());

  /** Of a job in which no row asks the same as another. */
  public JobCourse(
      List<RunCourse> runs,
      int runsLeftOut,
      RowSketch rows,
      int sketchedSplits,
      List<SplitTime> slowestSplits) {
    this(runs, runsLeftOut, rows, sketchedSplits, slowestSplits, 0);
  }

  public JobCourse {
    runs = List.copyOf(runs);
    slowestSplits = List.copyOf(slowestSplits);
  }

  /** Whether nothing was recorded, as in jobs of older versions of the program. */
  public boolean isEmpty() {
    return runs.isEmpty() && sketchedSplits == 0;
  }

  /**
   * Reads what there is of a job that runs, that was killed, or that is over.
   *
   * @throws io.batchinfer.storage.StorageException where what is there cannot be read
   */
  public static JobCourse read(JobFolder folder) {
    CourseFolder course = new CourseFolder(folder);
    List<RunCourse> runs = course.runs();
    KeptRows rows = course.keptRows(runs).orElseGet(() -> KeptRows.ofCommits(folder));
    return new JobCourse(
        runs,
        course.runsLeftOut(),
        rows.rows(),
        rows.sketchedSplits(),
        rows.slowestSplits(),
        folder.readPlan().map(plan -> plan.equal().sent()).orElse(0L));
  }

  /**
   * Keeps what the rows were like at the end of a run in one file, so that {@link #read} need not
   * look at every split. To be called by the owner of the folder, when the run is over.
   *
   * @throws io.batchinfer.storage.StorageException where that cannot be done
   */
  public static void keep(JobFolder folder) {
    CourseFolder course = new CourseFolder(folder);
    List<RunCourse> runs = course.runs();
    if (CourseFolder.isOver(runs) && course.keptRows(runs).isEmpty()) {
      course.keep(KeptRows.ofCommits(folder), runs);
    }
  }
}
