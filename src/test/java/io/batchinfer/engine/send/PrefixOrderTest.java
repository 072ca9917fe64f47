package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.engine.send.OpenRows.OpenRow;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.RowOutcome.Unanswered;
import io.batchinfer.row.ParsedLine.Request;
import io.batchinfer.row.PromptOutline;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PrefixOrderTest {
  private static final long PLENTY = 1 << 30;

  private static String body(String tools, String system, String question) {
    return "{\"messages\":[{\"role\":\"system\",\"content\":\"%s\"},{\"role\":\"user\",\"content\":\"%s\"}],\"model\":\"m\"%s}"
        .formatted(system, question, tools.isEmpty() ? "" : ",\"tools\":[\"" + tools + "\"]");
  }

  private static OpenRow row(int line, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return new OpenRow(
        line,
        new RowFate.Sent(
            new Request(
                "id" + line,
                "/v1/chat/completions",
                bytes,
                "m",
                -1,
                false,
                PromptOutline.of(bytes))));
  }

  private static List<OpenRow> ordered(List<OpenRow> asRead, long share) throws IOException {
    Iterator<OpenRow> rows = asRead.iterator();
    OpenRows open = new PrefixOrder(share).of(() -> rows.hasNext() ? rows.next() : null);
    List<OpenRow> ordered = new ArrayList<>();
    for (OpenRow row = open.next(); row != null; row = open.next()) {
      ordered.add(row);
    }
    return ordered;
  }

  private static List<Integer> lines(List<OpenRow> rows) {
    return rows.stream().map(OpenRow::line).toList();
  }

  @Test
  void rowsWithOneSystemPromptGoOutTogether() throws IOException {
    List<OpenRow> asRead = new ArrayList<>();
    for (int line = 0; line < 12; line++) {
      asRead.add(row(line, body("", String.valueOf(line % 3).repeat(3_000), "q" + line)));
    }

    List<OpenRow> ordered = ordered(asRead, PLENTY);

    assertThat(lines(ordered)).containsExactlyInAnyOrderElementsOf(lines(asRead));
    for (int group = 0; group < 3; group++) {
      List<OpenRow> together = ordered.subList(group * 4, group * 4 + 4);
      int of = together.get(0).line() % 3;
      assertThat(lines(together)).containsExactly(of, of + 3, of + 6, of + 9);
      assertThat(together.stream().map(OpenRow::group).distinct()).hasSize(1).doesNotContain(0L);
    }
  }

  @Test
  void withinOneSystemPromptTheLongestCommonBeginningsAreNeighbours() throws IOException {
    String system = "s".repeat(2_000);
    List<OpenRow> asRead = new ArrayList<>();
    for (int line = 0; line < 8; line++) {
      asRead.add(row(line, body("", system, (line % 2 == 0 ? "a" : "b").repeat(2_000) + line)));
    }

    List<Integer> lines = lines(ordered(asRead, PLENTY));

    assertThat(lines.subList(0, 4).stream().map(line -> line % 2).distinct()).hasSize(1);
    assertThat(lines.subList(4, 8).stream().map(line -> line % 2).distinct()).hasSize(1);
  }

  @Test
  void toolsComeBeforeMessagesWhereverTheyStandInTheBody() throws IOException {
    List<OpenRow> asRead = new ArrayList<>();
    for (int line = 0; line < 6; line++) {
      asRead.add(row(line, body((line % 2 == 0 ? "x" : "y").repeat(2_000), "s" + line, "q")));
    }

    List<Integer> lines = lines(ordered(asRead, PLENTY));

    assertThat(lines.subList(0, 3).stream().map(line -> line % 2).distinct()).hasSize(1);
  }

  @Test
  void rowsThatShareNothingKeepTheirOrder() throws IOException {
    List<OpenRow> asRead = new ArrayList<>();
    for (int line = 0; line < 20; line++) {
      asRead.add(row(line, body("", line + "x".repeat(3_000), "q")));
      asRead.add(row(100 + line, body("", "short", "q" + line)));
    }

    List<OpenRow> ordered = ordered(asRead, PLENTY);

    assertThat(ordered).isEqualTo(asRead);
    assertThat(ordered).extracting(OpenRow::group).containsOnly(0L);
  }

  @Test
  void noMoreIsHeldThanThereIsRoomFor() throws IOException {
    List<OpenRow> asRead = new ArrayList<>();
    for (int line = 0; line < 40; line++) {
      asRead.add(row(line, body("", String.valueOf(line % 2).repeat(1_000), "q")));
    }
    int[] read = {0};
    OpenRows open =
        new PrefixOrder(8 * 10_000)
            .of(() -> read[0] < asRead.size() ? asRead.get(read[0]++) : null);

    assertThat(open.next()).isNotNull();
    assertThat(read[0]).as("rows of about 1.1 kB that fill 10 kB").isEqualTo(10);
    Set<Integer> lines = new HashSet<>();
    for (OpenRow row = open.next(); row != null; row = open.next()) {
      lines.add(row.line());
    }
    assertThat(lines).hasSize(39);
  }

  @Test
  void rowsThatAreNotSentDoNotWait() throws IOException {
    OpenRow unsent =
        new OpenRow(3, new RowFate.Unsent("u", new Unanswered(ErrorCode.INVALID_URL, "no", "url")));
    List<OpenRow> asRead = List.of(row(0, body("", "", "q")), unsent, row(1, body("", "", "q")));

    assertThat(lines(ordered(asRead, PLENTY))).containsExactly(3, 0, 1);
  }

  /** Rows of many groups, shuffled: a cache that holds a few beginnings serves nearly all. */
  @Test
  void aCacheOfAFewBeginningsServesNearlyAllRows() throws IOException {
    long seed = System.nanoTime();
    List<String> bodies = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      bodies.add(body("", "%04d".formatted(i % 50).repeat(1_000), "q" + i));
    }
    Collections.shuffle(bodies, new Random(seed));
    List<OpenRow> asRead = new ArrayList<>();
    for (String body : bodies) {
      asRead.add(row(asRead.size(), body));
    }

    assertThat(misses(asRead, bodies, 4)).as("seed %d, as read", seed).isGreaterThan(800);
    assertThat(misses(ordered(asRead, PLENTY), bodies, 4)).as("seed %d", seed).isEqualTo(50);
  }

  private static int misses(List<OpenRow> rows, List<String> bodies, int places) {
    Map<String, Integer> used = new HashMap<>();
    int misses = 0;
    int now = 0;
    for (OpenRow row : rows) {
      String beginning = bodies.get(row.line()).substring(0, 2_000);
      if (!used.containsKey(beginning)) {
        misses++;
        if (used.size() == places) {
          used.remove(
              used.entrySet().stream()
                  .min(Comparator.comparingInt(Map.Entry::getValue))
                  .orElseThrow()
                  .getKey());
        }
      }
      used.put(beginning, now++);
    }
    return misses;
  }
}
