package io.batchinfer.course;

import io.batchinfer.job.JobFolder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

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
    RowSketch rows = RowSketch.NONE;
    int sketched = 0;
    List<SplitTime> slowest = new ArrayList<>();
    for (int split : folder.committedSplits()) {
      Optional<SplitSketch> known = course.sketch(split);
      if (known.isPresent()) {
        sketched++;
        rows = rows.plus(known.get().rows());
        slowest.add(new SplitTime(split, known.get().rows().rows(), known.get().millis()));
        if (slowest.size() > 2 * MOST_SPLITS) {
          slowest = slowest(slowest);
        }
      }
    }
    return new JobCourse(
        course.runs(),
        course.runsLeftOut(),
        rows,
        sketched,
        slowest(slowest),
        folder.readPlan().map(plan -> plan.equal().sent()).orElse(0L));
  }

  private static List<SplitTime> slowest(List<SplitTime> all) {
    return new ArrayList<>(
        all.stream()
            .filter(split -> split.millis() > 0)
            .sorted(Comparator.comparingLong(SplitTime::millis).reversed())
            .limit(MOST_SPLITS)
            .toList());
  }
}
