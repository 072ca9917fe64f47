package io.batchinfer.course;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.course.CoursePoint.Rows;
import io.batchinfer.course.CoursePoint.Spent;
import io.batchinfer.course.RunCourse.Ending;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.Counts;
import io.batchinfer.model.JobStatus;
import io.batchinfer.model.PartCounts;
import io.batchinfer.storage.StorageException;
import io.batchinfer.testing.InMemoryFiles;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What is read of runs that are at work, were killed or are over. */
class CourseFolderTest {
  private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");
  private static final String FIRST = "/out/_course/20260301T100000Z-0001.json";

  private final InMemoryFiles files = InMemoryFiles.filesystem();
  private final JobFolder job = new JobFolder(files, "/out");
  private final CourseFolder folder = new CourseFolder(job);

  private CourseRecording begin(Instant start) {
    CourseRecording run = new CourseRecording(folder, start);
    run.save(start.toEpochMilli());
    return run;
  }

  private static void end(CourseRecording run, Instant at) {
    run.end(
        new Ending(at, JobStatus.COMPLETED, null),
        new Rows(9, 0, new TreeMap<>()),
        9,
        new Spent(1, 1, null));
  }

  private void write(String text) {
    files.replace(FIRST, text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void theLatestMomentIsThatOfTheNewestRunWhileItHasNoEnd() {
    assertThat(folder.latest()).as("of no run").isEmpty();
    CourseRecording first = begin(START);
    assertThat(folder.latest()).as("of one that has only begun").isEmpty();
    first.add(Courses.point(START.toEpochMilli() + 500, 3));
    first.add(Courses.point(START.toEpochMilli() + 1500, 5));
    first.save(START.toEpochMilli() + 1500);

    assertThat(folder.latest()).contains(Courses.point(START.toEpochMilli() + 1500, 5));

    end(first, START.plusSeconds(3));
    assertThat(folder.latest()).as("of one that is over").isEmpty();
    CourseRecording second = begin(START.plusSeconds(60));
    assertThat(folder.latest()).as("not that of the run before").isEmpty();
    second.add(Courses.point(START.toEpochMilli() + 61_500, 7));
    second.save(START.toEpochMilli() + 62_000);
    assertThat(folder.latest()).contains(Courses.point(START.toEpochMilli() + 61_500, 7));
  }

  @Test
  void aRunWasHeardOfLastAtItsEndItsLastPointOrItsStart() {
    CourseRecording run = begin(START);
    assertThat(folder.runs().get(0).lastHeardAt()).isEqualTo(START);

    run.add(Courses.point(START.toEpochMilli() + 1500, 5));
    run.save(START.toEpochMilli() + 1500);
    assertThat(folder.runs().get(0).lastHeardAt()).isEqualTo(START.plusMillis(1500));

    end(run, START.plusSeconds(3));
    assertThat(folder.runs().get(0).lastHeardAt()).isEqualTo(START.plusSeconds(3));
  }

  @Test
  void aJobWhoseSplitsAreSketchedIsNotWithoutACourse() {
    assertThat(JobCourse.read(job).isEmpty()).isTrue();

    job.commits()
        .write(0, new PartCounts(Counts.ZERO, 0, 0, 0), SketchJson.write(SplitSketch.NONE));
    assertThat(JobCourse.read(job).isEmpty()).as("of a run whose course was lost").isFalse();
    assertThat(JobCourse.read(job).slowestSplits())
        .as("nothing is known of how long it took")
        .isEmpty();
  }

  @Test
  void otherFilesBesideTheRunsAreNone() {
    begin(START);
    files.replace("/out/_course/notes.txt", new byte[0]);
    files.replace("/out/_course/20260301T100000Z-0002.json.tmp", new byte[0]);

    assertThat(folder.runs()).hasSize(1);
    assertThat(folder.nextNumber()).isEqualTo(2);
  }

  @Test
  void whatTheRowsWereLikeInAnotherVersionsWordsIsReadFromTheCommits() {
    CourseRecording run = begin(START);
    end(run, START.plusSeconds(3));
    JobCourse.keep(job);
    List<RunCourse> runs = folder.runs();
    String kept = new String(files.readAll("/out/_course/rows.json"), StandardCharsets.UTF_8);
    assertThat(folder.keptRows(runs)).isPresent();

    files.replace(
        "/out/_course/rows.json",
        kept.replace("\"version\":1", "\"version\":2").getBytes(StandardCharsets.UTF_8));

    assertThat(folder.keptRows(runs)).isEmpty();
  }

  @Test
  void aFileThatIsNoCourseIsNamed() {
    write("{\"run\":\"x\"");
    assertThatThrownBy(folder::runs)
        .isInstanceOf(StorageException.class)
        .hasMessageContaining(FIRST);

    write("{\"run\":\"x\",\"started_at\":\"yesterday\",\"status\":\"running\"}");
    assertThatThrownBy(folder::runs)
        .isInstanceOf(StorageException.class)
        .hasMessageContaining(FIRST);

    write("{\"run\":\"x\",\"started_at\":\"2026-03-01T10:00:00Z\",\"status\":\"asleep\"}");
    assertThatThrownBy(folder::runs)
        .isInstanceOf(StorageException.class)
        .hasMessageContaining(FIRST);
  }

  @Test
  void aBoundOfAnotherVersionIsNone() {
    assertThat(HeldBy.ofWord("moon")).isEqualTo(HeldBy.NONE);
    for (HeldBy held : HeldBy.values()) {
      assertThat(HeldBy.ofWord(held.word())).isEqualTo(held);
    }
  }

  @Test
  void itIsStoredAtOnceAfterASecondAndThenHalfAsOftenDownToEveryFifteenSeconds() {
    long start = START.toEpochMilli();
    CourseRecording run = new CourseRecording(folder, START);

    assertThat(LongStream.rangeClosed(0, 62).filter(second -> run.save(start + second * 1000)))
        .containsExactly(0L, 1L, 3L, 7L, 15L, 30L, 45L, 60L);
  }
}
