package io.batchinfer.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.config.Dedupe;
import io.batchinfer.engine.RunSpec;
import io.batchinfer.engine.copies.EqualRowFinder;
import io.batchinfer.engine.copies.HashBucket;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.EqualRowCounts;
import io.batchinfer.model.Plan;
import io.batchinfer.model.Split;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.LineReader;
import io.batchinfer.testing.InMemoryFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PlanningTest {
  private static final String INPUT = "/in/a.jsonl";

  private final InMemoryFiles files = InMemoryFiles.filesystem();
  private final JobFolder folder = new JobFolder(files, "/out");
  private final RunSpec spec = RunSpec.ofStrings(Map.of(), "0".repeat(32), "/out");

  private static List<ScanUnit> units(long bytes, int unitBytes) {
    List<ScanUnit> units = new ArrayList<>();
    for (long start = 0; start < bytes; start += unitBytes) {
      units.add(new ScanUnit(units.size(), 0, INPUT, start, Math.min(bytes, start + unitBytes)));
    }
    return units;
  }

  private PlanBuilder.Planned planned(byte[] content, int unitBytes, long splitBytes) {
    files.put(INPUT, content);
    List<ScanUnit> units = units(content.length, unitBytes);
    UnitScanner scanner = new UnitScanner(folder, spec, splitBytes);
    return PlanBuilder.assemble(
        List.of(new FileStore.Entry(INPUT, false, content.length, 0)),
        units,
        units.stream().map(scanner::scan).toList());
  }

  private static String line(String id) {
    return "{\"custom_id\":\""
        + id
        + "\",\"method\":\"POST\",\"url\":\"/v1/embeddings\",\"body\":{}}";
  }

  @Test
  void anyUnitSizeGivesEveryLineOnceUnderItsPhysicalNumber() throws IOException {
    for (long seed = 0; seed < 150; seed++) {
      Random random = new Random(seed);
      StringBuilder text = new StringBuilder("\uFEFF" + line("first") + "\n");
      Map<Long, String> expected = new TreeMap<>(Map.of(1L, line("first")));
      int lines = random.nextInt(40);
      for (long number = 2; number < 2 + lines; number++) {
        if (random.nextInt(5) > 0) {
          String line = line("é" + number + "x".repeat(random.nextInt(50)));
          expected.put(number, line);
          text.append(line);
        }
        text.append(random.nextBoolean() ? "\n" : "\r\n");
      }
      if (random.nextBoolean()) {
        text.append(line("last"));
        expected.put(2L + lines, line("last"));
      }
      byte[] content = text.toString().getBytes(StandardCharsets.UTF_8);
      PlanBuilder.Planned planned =
          planned(content, 1 + random.nextInt(300), 1 + random.nextInt(200));
      assertThat(planned.invalid()).as("seed %d", seed).isZero();
      assertThat(planned.plan().rows()).as("seed %d", seed).isEqualTo(expected.size());
      Map<Long, String> found = new TreeMap<>();
      for (Split split : planned.plan().splits()) {
        try (LineReader reader =
            new LineReader(files.open(INPUT, split.start()), split.start(), 1 << 20)) {
          for (int i = 0; i < split.lines(); i++) {
            assertThat(reader.next()).isTrue();
            if (!reader.isBlank()) {
              String before =
                  found.put(
                      split.row(i).line(),
                      new String(
                          reader.bytes(), reader.start(), reader.length(), StandardCharsets.UTF_8));
              assertThat(before).as("seed %d, twice", seed).isNull();
            }
          }
          assertThat(reader.endOffset()).isEqualTo(split.end());
        }
      }
      assertThat(found).as("seed %d", seed).isEqualTo(expected);
    }
  }

  @Test
  void duplicatesAreFoundAcrossUnitsAndBucketsAndTheFirstStays() {
    StringBuilder text = new StringBuilder();
    for (String id : List.of("a", "b", "a", "c", "d", "b", "a", "e")) {
      text.append(line(id)).append('\n');
    }
    byte[] content = text.toString().getBytes(StandardCharsets.UTF_8);
    PlanBuilder.Planned planned = planned(content, line("a").length() + 20, 1 << 20);
    int units = units(content.length, line("a").length() + 20).size();
    assertThat(planned.ids()).isEqualTo(8);
    List<String> shown = new ArrayList<>();
    long count = 0;
    for (int bucket = 0; bucket < 3; bucket++) {
      long[] told = new DuplicateFinder(folder).find(bucket, 3, units);
      count += told[0];
      for (int i = 1; i < told.length; i++) {
        shown.add(PlanBuilder.shown(planned.plan(), told[i]));
      }
    }
    assertThat(count).isEqualTo(3);
    assertThat(shown).containsExactlyInAnyOrder(INPUT + ":3", INPUT + ":6", INPUT + ":7");
    int marked = 0;
    for (int unit = 0; unit < units; unit++) {
      marked += folder.duplicateLines(unit).cardinality();
    }
    assertThat(marked).isEqualTo(3);
  }

  @Test
  void equalRowsAreCountedAsAnsweredOrSentByWhatTheirAnswersMayBe() {
    String chat =
        "{\"custom_id\":\"%s\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"messages\":[]}}\n";
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      text.append(line("vector-" + i)).append('\n').append(chat.formatted("text-" + i));
    }
    text.append(chat.formatted("text-4"));
    byte[] content = text.toString().getBytes(StandardCharsets.UTF_8);
    PlanBuilder.Planned planned = planned(content, 300, 1 << 20);

    assertThat(equal(planned, Dedupe.AUTO)).isEqualTo(new EqualRowCounts(3, 4));
    assertThat(equal(planned, Dedupe.ON)).isEqualTo(new EqualRowCounts(7, 0));
    assertThat(equal(planned, Dedupe.OFF)).isEqualTo(new EqualRowCounts(0, 7));
    Plan plan = planned.plan().withEqualRows(new EqualRowCounts(3, 4));
    folder.writePlan(plan);
    assertThat(folder.readPlan()).contains(plan);
  }

  private EqualRowCounts equal(PlanBuilder.Planned planned, Dedupe dedupe) {
    int units = planned.plan().splits().get(planned.plan().splits().size() - 1).unit() + 1;
    return HashBucket.forRows(planned.plan().rows()).stream()
        .map(bucket -> new EqualRowFinder(folder, dedupe).find(bucket, units))
        .reduce(EqualRowCounts.NONE, EqualRowCounts::plus);
  }
}
