package io.batchinfer.course;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.course.RowSketch.Answers;
import io.batchinfer.course.RowSketch.Example;
import io.batchinfer.course.RowSketch.SlowRow;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.Counts;
import io.batchinfer.model.LatencyHistogram;
import io.batchinfer.model.PartCounts;
import io.batchinfer.testing.InMemoryFiles;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RowSketchTest {
  private static RowSketch sketch(String name, long millis) {
    return new RowSketch(
        3,
        new LatencyHistogram(new long[] {0, 2, 1}),
        new TokenHistogram(new long[] {1, 0, 2}),
        new TokenHistogram(new long[] {3}),
        List.of(0L, 2L, 1L),
        new TreeMap<>(Map.of("length", 1L)),
        new TreeMap<>(Map.of("http_400", List.of(new Example(name, "no " + name)))),
        List.of(new SlowRow(name, millis, 2)),
        new TreeMap<>(Map.of("http://" + name, new Answers(3, millis))),
        new TreeMap<>(Map.of("1", new Answers(3, millis))),
        new TreeMap<>(
            Map.of(
                new RowKind("/v1/chat/completions", name, true, false),
                new KindCounts(3, 2, 1, List.of(name, name + "2")))));
  }

  private static PartCounts part() {
    return new PartCounts(Counts.ZERO, 0, 0, 0);
  }

  @Test
  void whatIsKeptWithACommitIsReadAsItWas() {
    JobFolder folder = new JobFolder(InMemoryFiles.filesystem(), "/out");
    SplitSketch first = new SplitSketch(sketch("a", 10), 5000);
    SplitSketch third = new SplitSketch(sketch("b", 20), 7000);
    folder.commits().write(0, part(), SketchJson.write(first));
    folder.commits().write(1, part());
    folder.commits().write(2, part(), SketchJson.write(third));

    JobCourse course = JobCourse.read(folder);

    assertThat(course.rows()).isEqualTo(first.rows().plus(third.rows()));
    assertThat(course.sketchedSplits()).isEqualTo(2);
    assertThat(course.slowestSplits())
        .containsExactly(new SplitTime(2, 3, 7000), new SplitTime(0, 3, 5000));
    assertThat(folder.commits().read(0)).contains(part());
  }

  @Test
  void aSumOfManyStaysSmall() {
    RowSketch sum = RowSketch.NONE;
    for (int i = 0; i < 500; i++) {
      sum = sum.plus(sketch("x".repeat(70) + i, i));
    }

    assertThat(sum.rows()).isEqualTo(1500);
    assertThat(sum.examples().get("http_400")).hasSize(3);
    assertThat(sum.slowest()).hasSize(10);
    assertThat(sum.slowest().get(0).millis()).isEqualTo(499);
    assertThat(sum.replicas()).hasSize(RowSketch.MOST_NAMES + 1);
    assertThat(sum.replicas().values().stream().mapToLong(Answers::count).sum()).isEqualTo(1500);
    assertThat(sum.replicas())
        .hasEntrySatisfying(
            RowSketch.OTHERS, others -> assertThat(others.count()).isEqualTo(3 * (500 - 24)));
    assertThat(sum.kinds()).hasSize(RowKind.MOST + 1);
    assertThat(sum.kinds().get(RowKind.OTHERS))
        .extracting(KindCounts::rows, KindCounts::failed, KindCounts::cutOff)
        .containsExactly(3L * 476, 2L * 476, 476L);
    assertThat(SketchJson.write(new SplitSketch(sum, 0)).length).isLessThan(20_000);
  }

  @Test
  void rowsThatWereRunAgainCountAsTheyEndedLast() {
    RowKind kind = new RowKind("/v1/chat/completions", "a", true, false);
    RowSketch before = sketch("a", 10);

    assertThat(before.kindsAfter(again(kind, new KindCounts(2, 1, 0, List.of("a2")))))
        .containsEntry(kind, new KindCounts(3, 1, 1, List.of("a2")));
    assertThat(before.kindsAfter(again(kind, new KindCounts(1, 0, 0, List.of()))).get(kind))
        .extracting(KindCounts::rows, KindCounts::failed)
        .containsExactly(3L, 1L);
    assertThat(before.kindsAfter(RowSketch.NONE)).isEqualTo(before.kinds());
  }

  private static RowSketch again(RowKind kind, KindCounts ended) {
    return RowSketch.NONE.withKinds(new TreeMap<>(Map.of(kind, ended)));
  }

  @Test
  void tokensAreCountedByHalfOctaves() {
    assertThat(TokenHistogram.classOf(0)).isZero();
    assertThat(TokenHistogram.classOf(1)).isEqualTo(1);
    assertThat(TokenHistogram.classOf(2)).isEqualTo(3);
    assertThat(TokenHistogram.classOf(3)).isEqualTo(4);
    assertThat(TokenHistogram.classOf(1024)).isEqualTo(21);
    assertThat(TokenHistogram.classOf(Long.MAX_VALUE)).isEqualTo(TokenHistogram.CLASSES - 1);
    for (int index = 0; index < TokenHistogram.CLASSES; index++) {
      long least = TokenHistogram.leastOf(index);
      // Between one and two there is no number.
      assertThat(TokenHistogram.classOf(least)).isEqualTo(index == 2 ? 3 : index);
      if (least > 2) {
        assertThat(TokenHistogram.classOf(least - 1)).isLessThan(index);
      }
    }
  }
}
