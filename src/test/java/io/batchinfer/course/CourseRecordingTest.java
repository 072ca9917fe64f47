package io.batchinfer.course;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.course.RunCourse.Ending;
import io.batchinfer.course.RunCourse.Program;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.JobStatus;
import io.batchinfer.testing.InMemoryFiles;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class CourseRecordingTest {
  private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");

  private final InMemoryFiles files = InMemoryFiles.filesystem();
  private final JobFolder folder = new JobFolder(files, "/out");

  private CourseRecording recording(Instant start) {
    CourseRecording recording = new CourseRecording(new CourseFolder(folder), start);
    recording.runsWith(new Program("1.0", "local[2]", 1));
    recording.planned(1000, 40, List.of(new StatedLimit("requests_per_minute", 600, "a flag")));
    return recording;
  }

  @Test
  void whatWasRecordedIsReadAsItWas() {
    CourseRecording recording = recording(START);
    recording.add(Courses.point(START.toEpochMilli(), 40));
    recording.add(Courses.point(START.toEpochMilli() + 1000, 90));
    Ending ending = new Ending(START.plusSeconds(2), JobStatus.STOPPED, "The key was refused.");

    recording.end(ending);

    assertThat(JobCourse.read(folder).runs()).containsExactly(recording.course(ending));
  }

  @Test
  void ofARunThatWasKilledIsThereWhatWasSavedLast() {
    CourseRecording recording = recording(START);
    long at = START.toEpochMilli();
    recording.add(Courses.point(at, 40));
    recording.save(at);
    recording.add(Courses.point(at + 14_000, 90));
    recording.save(at + 14_999);

    RunCourse killed = JobCourse.read(folder).runs().get(0);

    assertThat(killed.points()).hasSize(1);
    assertThat(killed.endedAt()).isEmpty();
    assertThat(killed.lastHeardAt()).isEqualTo(START);
    recording.save(at + 15_000);
    assertThat(JobCourse.read(folder).runs().get(0).points()).hasSize(2);
  }

  @Test
  void aLongRunKeepsItsWholeLengthInABoundedNumberOfPointsAndBytes() {
    CourseRecording recording = recording(START);
    long at = START.toEpochMilli();
    long held = 0;
    for (long second = 0; second < 100_000; second++) {
      if (recording.isDue(at + second * 1000)) {
        recording.add(Courses.point(at + second * 1000, second));
        held += 1000;
      }
    }

    recording.end(new Ending(START.plusSeconds(100_000), JobStatus.COMPLETED, null));

    RunCourse run = JobCourse.read(folder).runs().get(0);
    assertThat(run.points()).hasSizeBetween(150, 300);
    assertThat(run.points().get(0).atMillis()).isLessThan(at + 1_000_000);
    assertThat(run.points().get(run.points().size() - 1).atMillis()).isGreaterThan(at + 99_000_000);
    assertThat(
            run.points().stream()
                .flatMap(point -> point.held().values().stream())
                .mapToLong(Long::longValue)
                .sum())
        .as("what held the run up in points that were left out")
        .isGreaterThan(held - 2000);
    assertThat(files.list(folder.course()))
        .singleElement()
        .satisfies(file -> assertThat(file.bytes()).isLessThan(200_000));
  }

  @Test
  void ofManyRunsTheNewestAreKeptInTheirOrderAndTheOthersCounted() {
    for (int run = 0; run < 53; run++) {
      // A clock that goes back changes no order.
      recording(START.minusSeconds(run))
          .end(new Ending(START, JobStatus.INTERRUPTED, "run " + run));
    }

    JobCourse course = JobCourse.read(folder);

    assertThat(course.runs()).hasSize(50);
    assertThat(course.runsLeftOut()).isEqualTo(3);
    assertThat(course.runs().get(0).ending().reason()).isEqualTo("run 3");
    assertThat(course.runs().get(49).ending().reason()).isEqualTo("run 52");
  }

  @Test
  void aJobOfAnOlderVersionHasNoCourse() {
    assertThat(JobCourse.read(folder)).isEqualTo(JobCourse.NONE);
    assertThat(JobCourse.read(folder).isEmpty()).isTrue();
  }

  @Test
  void aPointIsOnALineOfItsOwn() {
    CourseRecording recording = recording(START);
    recording.add(Courses.point(START.toEpochMilli(), 40));
    recording.add(Courses.point(START.toEpochMilli() + 1000, 90));
    recording.end(Ending.NOT_YET);

    byte[] file = files.readAll("/out/_course/20260301T100000Z-0001.json");
    assertThat(new String(file, StandardCharsets.UTF_8).lines().skip(1))
        .filteredOn(line -> line.startsWith("{\"at\":"))
        .hasSize(2);
  }
}
