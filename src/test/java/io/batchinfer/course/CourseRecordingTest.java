package io.batchinfer.course;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.course.CoursePoint.Rows;
import io.batchinfer.course.CoursePoint.Spent;
import io.batchinfer.course.RunCourse.Ending;
import io.batchinfer.course.RunCourse.Program;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.JobStatus;
import io.batchinfer.testing.InMemoryFiles;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class CourseRecordingTest {
  private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");

  private static final Rows ROWS = new Rows(90, 1, new TreeMap<>(Map.of("http_400", 1L)));
  private static final Spent SPENT = new Spent(9000, 900, 0.25);

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
    recording.cutAfter(Duration.ofSeconds(60));
    Ending ending = new Ending(START.plusSeconds(2), JobStatus.STOPPED, "The key was refused.");

    recording.end(ending, ROWS, 97, SPENT);

    assertThat(JobCourse.read(folder).runs()).containsExactly(recording.course(ending));
  }

  @Test
  void ofARunThatWasKilledIsThereWhatWasSavedLast() {
    CourseRecording recording = recording(START);
    long at = START.toEpochMilli();
    recording.add(Courses.point(at, 40));
    long saved = 0;
    for (long millis = 0; millis <= 60_000; millis += 500) {
      saved += recording.save(at + millis) ? 1 : 0;
    }
    recording.add(Courses.point(at + 74_000, 90));
    recording.save(at + 60_500);

    RunCourse killed = JobCourse.read(folder).runs().get(0);

    assertThat(killed.points()).hasSize(1);
    assertThat(killed.endedAt()).isEmpty();
    assertThat(killed.lastHeardAt()).isEqualTo(START);
    recording.save(at + 75_000);
    assertThat(JobCourse.read(folder).runs().get(0).points()).hasSize(2);
    assertThat(saved).as("in a minute").isBetween(5L, 8L);
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

    recording.end(
        new Ending(START.plusSeconds(100_000), JobStatus.COMPLETED, null), ROWS, 97, SPENT);

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
  void whatTheLastReportsDidNotTellIsInTheLastPoint() {
    CourseRecording recording = recording(START);
    recording.add(Courses.point(START.toEpochMilli(), 89));

    recording.end(new Ending(START.plusSeconds(5), JobStatus.COMPLETED, null), ROWS, 97, SPENT);

    List<CoursePoint> points = JobCourse.read(folder).runs().get(0).points();
    assertThat(points).hasSize(2);
    CoursePoint last = points.get(1);
    assertThat(last.rows()).isEqualTo(ROWS);
    assertThat(last.spent()).isEqualTo(SPENT);
    assertThat(last.attempts()).isEqualTo(new CoursePoint.Attempts(97, 4, 2, 1));
    assertThat(last.moment().inFlight()).isZero();
  }

  @Test
  void ofManyRunsTheNewestAreKeptInTheirOrderAndTheOthersCounted() {
    for (int run = 0; run < 53; run++) {
      // A clock that goes back changes no order.
      recording(START.minusSeconds(run))
          .end(new Ending(START, JobStatus.INTERRUPTED, "run " + run), ROWS, 97, SPENT);
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
    recording.end(Ending.NOT_YET, ROWS, 97, SPENT);

    byte[] file = files.readAll("/out/_course/20260301T100000Z-0001.json");
    assertThat(new String(file, StandardCharsets.UTF_8).lines().skip(1))
        .filteredOn(line -> line.startsWith("{\"at\":"))
        .hasSize(2);
  }
}
