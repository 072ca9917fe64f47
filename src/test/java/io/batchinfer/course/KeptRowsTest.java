package io.batchinfer.course;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.course.CoursePoint.Rows;
import io.batchinfer.course.CoursePoint.Spent;
import io.batchinfer.course.RunCourse.Ending;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.Counts;
import io.batchinfer.model.JobStatus;
import io.batchinfer.model.PartCounts;
import io.batchinfer.testing.InMemoryFiles;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class KeptRowsTest {
  private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");

  private final JobFolder folder = new JobFolder(InMemoryFiles.filesystem(), "/out");

  private void publish(int split, int rows) {
    SketchBuilder builder = new SketchBuilder();
    for (int row = 0; row < rows; row++) {
      builder.row(1);
      builder.answer(100 + split, 10, "stop");
    }
    folder
        .commits()
        .write(
            split,
            new PartCounts(Counts.ZERO, 0, 0, 0),
            SketchJson.write(
                new SplitSketch(
                    builder.sketch(new long[] {rows}, List.of(), new TreeMap<>(), new TreeMap<>()),
                    1_000L * (split + 1))));
  }

  private CourseRecording run(Instant start) {
    CourseRecording recording = new CourseRecording(new CourseFolder(folder), start);
    recording.add(Courses.point(start.toEpochMilli(), 1));
    recording.save(start.toEpochMilli());
    return recording;
  }

  private static void end(CourseRecording run, Instant at) {
    run.end(
        new Ending(at, JobStatus.COMPLETED, null),
        new Rows(1, 0, new TreeMap<>()),
        1,
        new Spent(1, 1, null));
  }

  private long rows() {
    return JobCourse.read(folder).rows().rows();
  }

  @Test
  void whatIsKeptIsWhatTheCommitsTold() {
    CourseRecording run = run(START);
    for (int split = 0; split < 40; split++) {
      publish(split, split + 1);
    }
    end(run, START.plusSeconds(5));
    JobCourse before = JobCourse.read(folder);

    JobCourse.keep(folder);
    for (int split = 0; split < 40; split++) {
      folder.commits().delete(split);
    }

    assertThat(JobCourse.read(folder)).isEqualTo(before);
    assertThat(before.rows().rows()).isEqualTo(40 * 41 / 2);
    assertThat(before.sketchedSplits()).isEqualTo(40);
    assertThat(before.slowestSplits()).hasSize(10);
    assertThat(before.slowestSplits().get(0)).isEqualTo(new SplitTime(39, 40, 40_000));
  }

  @Test
  void aLaterRunIsNotToldWhatWasSoBefore() {
    CourseRecording first = run(START);
    publish(0, 5);
    end(first, START.plusSeconds(5));
    JobCourse.keep(folder);
    CourseRecording second = run(START.plusSeconds(60));
    publish(1, 7);

    assertThat(rows()).as("while it is at work").isEqualTo(12);
    JobCourse.keep(folder);
    publish(2, 1);
    assertThat(rows()).as("nothing was kept of a run at work").isEqualTo(13);
    end(second, START.plusSeconds(90));
    assertThat(rows()).as("over, not kept").isEqualTo(13);
    JobCourse.keep(folder);
    assertThat(rows()).as("over, kept").isEqualTo(13);
  }
}
