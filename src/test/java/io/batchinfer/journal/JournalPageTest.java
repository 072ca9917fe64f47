package io.batchinfer.journal;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.AnswerMarks;
import io.batchinfer.model.AnswerSource;
import io.batchinfer.model.Cost;
import io.batchinfer.model.Usage;
import io.batchinfer.testing.InMemoryFiles;
import io.batchinfer.testing.VirtualTime;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reads what the journal writes by the tables of the architecture page alone. */
class JournalPageTest {
  private static final String FOLDER = "/out/_journal/segments";
  private static final AnswerMarks ALL_MARKS = new AnswerMarks(true, true, true);
  private static final Pattern FLAG = Pattern.compile("(\\d+) ([a-z][a-z ]*[a-z])");
  private static final Pattern ONLY_WITH = Pattern.compile("only with flag (\\d+)");
  private static final Pattern ONLY_FROM = Pattern.compile("only .*source (\\d+) or (\\d+)");

  /** A row of a table: fields of that many bytes each, or of as many as another field says. */
  private record Row(List<String> fields, String bytes, String meaning) {
    boolean isThere(int flags, long source) {
      Matcher flag = ONLY_WITH.matcher(meaning);
      Matcher from = ONLY_FROM.matcher(meaning);
      if (from.find()
          && Long.parseLong(from.group(1)) != source
          && Long.parseLong(from.group(2)) != source) {
        return false;
      }
      return !flag.find() || (flags & Integer.parseInt(flag.group(1))) != 0;
    }
  }

  private static List<Row> block;
  private static List<Row> entry;

  @BeforeAll
  static void readThePage() throws IOException {
    String page = Files.readString(Path.of("src/site/markdown/architecture.md"));
    block = table(page, "block");
    entry = table(page, "entry");
  }

  private static List<Row> table(String page, String head) {
    Matcher found =
        Pattern.compile("(?m)^\\| " + head + " \\| bytes \\|.*\\n\\|---.*\\n((?:\\|.*\\n)+)")
            .matcher(page);
    assertThat(found.find()).as("a table with the head \"%s\"", head).isTrue();
    return found
        .group(1)
        .lines()
        .map(line -> line.split("\\|", -1))
        .map(cells -> new Row(List.of(cells[1].strip().split(", ")), cells[2].strip(), cells[3]))
        .toList();
  }

  private static JournalEntry row(
      boolean success, boolean provisional, AnswerMarks marks, Usage usage) {
    return new JournalEntry(
        7,
        success,
        provisional,
        marks,
        3,
        2,
        usage,
        marks.source() == AnswerSource.BATCH_SERVICE ? usage.cost() : Cost.NONE,
        "http_500",
        "{}\n".getBytes(UTF_8));
  }

  private static byte[] encoded(JournalEntry entry) {
    ByteBuffer out = ByteBuffer.allocate(entry.encodedLength());
    entry.encodeHead(out);
    return out.put(entry.rendered()).array();
  }

  private static long number(ByteBuffer in, String bytes) {
    long value = 0;
    for (int i = Integer.parseInt(bytes); i > 0; i--) {
      value = (value << 8) | (in.get() & 0xff);
    }
    return value;
  }

  private static String text(ByteBuffer in, int length) {
    byte[] bytes = new byte[length];
    in.get(bytes);
    return new String(bytes, US_ASCII);
  }

  /** The fields that the page says an entry has, with what is there. */
  private static Map<String, Object> read(byte[] bytes) {
    Map<String, Object> values = new LinkedHashMap<>();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    for (Row row : entry) {
      int flags = ((Number) values.getOrDefault("flags", 0L)).intValue();
      long source = ((Number) values.getOrDefault("source", 0L)).longValue();
      if (!row.isThere(flags, source)) {
        continue;
      }
      for (String field : row.fields()) {
        if (!row.bytes().isEmpty()) {
          values.put(field, number(in, row.bytes().replace(" each", "")));
        } else if (values.get(field + " length") instanceof Long length) {
          values.put(field, text(in, length.intValue()));
        } else {
          values.put(field, text(in, in.remaining()));
        }
      }
    }
    assertThat(in.hasRemaining()).as("bytes that the page leaves out").isFalse();
    return values;
  }

  @ParameterizedTest
  @CsvSource({
    "false,false,ENDPOINT,0",
    "true,false,ENDPOINT,0",
    "true,true,ENDPOINT,700",
    "false,true,EQUAL_ROW,0",
    "true,true,EARLIER_OUTPUT,0",
    "false,true,BATCH_SERVICE,0"
  })
  void anEntryHasTheFieldsOfThePage(
      boolean details, boolean priced, AnswerSource source, long discount) {
    boolean told = source != AnswerSource.ENDPOINT || discount > 0;
    Usage usage =
        new Usage(
            100,
            20,
            details ? 60 : 0,
            details ? 8 : 0,
            priced ? Cost.of(5_000) : Cost.UNKNOWN,
            discount);
    byte[] bytes = encoded(row(false, false, ALL_MARKS.from(source), usage));
    Map<String, Object> expected = new LinkedHashMap<>();
    expected.put("length", (long) bytes.length);
    expected.put("line", 7L);
    expected.put("flags", 4L + 32 + 64 + (details ? 8 : 0) + (priced ? 16 : 0) + (told ? 128 : 0));
    expected.put("attempts", 3L);
    expected.put("may have run", 2L);
    expected.put("prompt tokens", 100L);
    expected.put("completion tokens", 20L);
    if (details) {
      expected.put("cached tokens", 60L);
      expected.put("reasoning tokens", 8L);
    }
    if (priced) {
      expected.put("cost", 5_000L);
    }
    if (told) {
      expected.put(
          "source",
          List.of("ENDPOINT", "EQUAL_ROW", "EARLIER_OUTPUT", "BATCH_SERVICE").indexOf(source.name())
              + 0L);
    }
    if (source == AnswerSource.BATCH_SERVICE) {
      expected.put("saved", 5_000L);
    } else if (discount > 0) {
      expected.put("saved", discount);
    }
    expected.put("code length", 8L);
    expected.put("code", "http_500");
    expected.put("rendered", "{}\n");

    assertThat(read(bytes)).containsExactlyEntriesOf(expected);
  }

  @Test
  void everyFlagIsTheNumberOfThePage() {
    Usage none = Usage.NONE;
    Map<String, JournalEntry> alone = new TreeMap<>();
    alone.put("success", row(true, false, AnswerMarks.NONE, none));
    alone.put("provisional", row(false, true, AnswerMarks.NONE, none));
    alone.put("truncated answer", row(false, false, new AnswerMarks(true, false, false), none));
    alone.put("filtered answer", row(false, false, new AnswerMarks(false, true, false), none));
    alone.put("repaired answer", row(false, false, new AnswerMarks(false, false, true), none));
    alone.put("source", row(false, false, AnswerMarks.NONE.from(AnswerSource.EQUAL_ROW), none));
    alone.put(
        "usage details", row(false, false, AnswerMarks.NONE, new Usage(9, 1, 4, 0, Cost.UNKNOWN)));
    alone.put("priced", row(false, false, AnswerMarks.NONE, new Usage(9, 1, 0, 0, Cost.of(1))));
    Map<String, Long> written = new TreeMap<>();
    alone.forEach((name, only) -> written.put(name, (Long) read(encoded(only)).get("flags")));

    String words =
        entry.stream()
            .filter(row -> row.fields().contains("flags"))
            .findFirst()
            .orElseThrow()
            .meaning();
    Map<String, Long> page = new TreeMap<>();
    for (MatchResult flag : FLAG.matcher(words).results().toList()) {
      page.put(flag.group(2), Long.valueOf(flag.group(1)));
    }
    assertThat(page).isEqualTo(written);
  }

  @Test
  void aBlockHasThePartsOfThePage() throws Exception {
    InMemoryFiles files = InMemoryFiles.filesystem();
    List<byte[]> entries = new ArrayList<>();
    try (JournalWriter writer =
        new JournalWriter(files, FOLDER, 3, "w1", new VirtualTime(), Duration.ofMillis(250))) {
      for (int split : List.of(4, 9)) {
        JournalEntry row = Entries.answered(split, "row of " + split);
        entries.add(encoded(row));
        writer.append(split, row);
      }
      writer.flush().toCompletableFuture().get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);
    }
    byte[] bytes = files.content(FOLDER + "/" + new SegmentName(3, "w1", 0).fileName());
    ByteBuffer in = ByteBuffer.wrap(bytes);

    assertThat(block.stream().flatMap(row -> row.fields().stream()))
        .containsExactly("magic", "splits", "checksum", "directory", "entries");
    assertThat(number(in, block.get(0).bytes())).isEqualTo(0x42494a31L);
    assertThat(block.get(0).meaning()).contains("`0x42494a31`");
    assertThat(number(in, block.get(1).bytes())).isEqualTo(2);
    long checksum = number(in, block.get(2).bytes());
    assertThat(block.get(3).bytes()).isEqualTo("16 each");
    assertThat(checksum).isEqualTo(crc(bytes, in.position(), 2 * 16));
    assertThat(block.get(3).meaning())
        .contains("split, number of entries, length in bytes, CRC-32C of these bytes");
    for (int i = 0; i < 2; i++) {
      byte[] content = entries.get(i);
      assertThat(in.getInt()).isEqualTo(i == 0 ? 4 : 9);
      assertThat(in.getInt()).isEqualTo(1);
      assertThat(in.getInt()).isEqualTo(content.length);
      assertThat(in.getInt()).isEqualTo((int) crc(content, 0, content.length));
    }
    for (byte[] content : entries) {
      byte[] there = new byte[content.length];
      in.get(there);
      assertThat(there).isEqualTo(content);
    }
    assertThat(in.hasRemaining()).isFalse();
  }

  private static long crc(byte[] bytes, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, offset, length);
    return crc.getValue();
  }
}
