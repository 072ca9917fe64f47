package io.batchinfer.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.AnswerMarks;
import io.batchinfer.model.AnswerSource;
import io.batchinfer.model.Cost;
import io.batchinfer.model.Usage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The architecture page says what the codec does, field by field and flag by flag. */
class JournalFormatTest {
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| ([^|]+?) \\|\\s*([^|]*?)\\s*\\|\\s*([^|]*?)\\s*\\|$");
  private static final Pattern FLAG = Pattern.compile("(\\d+) ([a-z]+)");

  private record Field(String name, String bytes, String text) {}

  private static List<Field> fields() throws IOException {
    String page = Files.readString(Path.of("src/site/markdown/architecture.md"));
    String table = page.substring(page.indexOf("| entry | bytes | |"));
    List<Field> fields = new ArrayList<>();
    ROW.matcher(table.substring(0, table.indexOf("\n\n")))
        .results()
        .skip(1)
        .map((MatchResult row) -> new Field(row.group(1), row.group(2), row.group(3)))
        .filter(field -> !field.name().startsWith("-"))
        .forEach(fields::add);
    return fields;
  }

  private static Map<Integer, String> flags() throws IOException {
    Map<Integer, String> flags = new TreeMap<>();
    for (Field field : fields()) {
      if (field.name().equals("flags")) {
        FLAG.matcher(field.text())
            .results()
            .forEach(flag -> flags.put(Integer.valueOf(flag.group(1)), flag.group(2)));
      }
    }
    return flags;
  }

  private static JournalEntry entry(
      boolean success, boolean provisional, AnswerMarks marks, Usage usage) {
    return new JournalEntry(
        41, success, provisional, marks, 3, 2, usage, "http_429", new byte[] {'x', '\n'});
  }

  private static byte[] encoded(JournalEntry entry) {
    ByteBuffer buffer = ByteBuffer.allocate(entry.encodedLength());
    entry.encodeHead(buffer);
    buffer.put(entry.rendered());
    assertThat(buffer.hasRemaining()).isFalse();
    return buffer.array();
  }

  private static int flagsOf(JournalEntry entry) {
    return encoded(entry)[8] & 0xff;
  }

  @Test
  void everyFlagOfTheCodecStandsOnThePageWithItsMeaning() throws IOException {
    AnswerMarks none = AnswerMarks.NONE;
    Usage unpriced = new Usage(1, 1).at(Cost.UNKNOWN);
    Map<Integer, String> codec = new TreeMap<>();
    codec.put(flagsOf(entry(true, false, none, unpriced)), "success");
    codec.put(flagsOf(entry(false, true, none, unpriced)), "provisional");
    codec.put(
        flagsOf(entry(false, false, new AnswerMarks(true, false, false), unpriced)), "truncated");
    codec.put(flagsOf(entry(false, false, none, new Usage(1, 1, 1, 0).at(Cost.UNKNOWN))), "usage");
    codec.put(flagsOf(entry(false, false, none, new Usage(1, 1).at(Cost.of(5)))), "priced");
    codec.put(
        flagsOf(entry(false, false, new AnswerMarks(false, true, false), unpriced)), "filtered");
    codec.put(
        flagsOf(entry(false, false, new AnswerMarks(false, false, true), unpriced)), "repaired");
    codec.put(
        flagsOf(entry(false, false, none.from(AnswerSource.EARLIER_OUTPUT), unpriced)), "source");

    assertThat(flags()).isEqualTo(codec);
  }

  @Test
  void anEntryIsWhatThePageSays() throws IOException {
    for (Usage usage :
        List.of(
            new Usage(1L << 40, 7, 5, 6).at(Cost.of(9)),
            new Usage(1L << 40, 7, 5, 6).at(Cost.of(9)).withCacheDiscount(1L << 41),
            new Usage(1L << 40, 7, 5, 6).at(Cost.UNKNOWN),
            new Usage(1L << 40, 7).at(Cost.of(9)),
            new Usage(1L << 40, 7).at(Cost.UNKNOWN),
            Usage.NONE,
            Usage.NONE.at(Cost.of(9)),
            Usage.NONE.at(Cost.UNKNOWN))) {
      for (int marks = 0; marks < 16; marks++) {
        AnswerSource source = (marks & 8) > 0 ? AnswerSource.BATCH_SERVICE : AnswerSource.ENDPOINT;
        JournalEntry entry =
            entry(
                true,
                false,
                new AnswerMarks((marks & 1) > 0, (marks & 2) > 0, (marks & 4) > 0, source),
                usage);
        byte[] encoded = encoded(entry);
        assertThat(encoded).isEqualTo(byThePage(entry, encoded.length));
        assertThat(JournalEntry.decode(ByteBuffer.wrap(encoded)))
            .usingRecursiveComparison()
            .isEqualTo(entry);
      }
    }
  }

  private static byte[] byThePage(JournalEntry entry, int length) throws IOException {
    ByteBuffer out = ByteBuffer.allocate(length + 64);
    int flags = flagsOf(entry);
    for (Field field : fields()) {
      var onlyWith = Pattern.compile("only with flag (\\d+)").matcher(field.text());
      if (onlyWith.find() && (flags & Integer.parseInt(onlyWith.group(1))) == 0) {
        continue;
      }
      if (field.text().contains("source 0 or 3") && entry.marks().source().isCopy()) {
        continue;
      }
      int before = out.position();
      for (String part : field.name().split(", ", -1)) {
        write(part, entry, flags, length, out);
        if (field.bytes().endsWith(" each")) {
          assertThat(field.bytes()).isEqualTo("8 each");
        }
      }
      if (field.bytes().matches("\\d+")) {
        assertThat(out.position() - before)
            .as(field.name())
            .isEqualTo(Integer.parseInt(field.bytes()));
      }
    }
    byte[] bytes = new byte[out.position()];
    out.flip().get(bytes);
    return bytes;
  }

  private static void write(
      String field, JournalEntry entry, int flags, int length, ByteBuffer out) {
    byte[] code = entry.error().getBytes(StandardCharsets.US_ASCII);
    switch (field) {
      case "length" -> out.putInt(length);
      case "line" -> out.putInt(entry.line());
      case "flags" -> out.put((byte) flags);
      case "attempts" -> out.putShort((short) entry.attempts());
      case "may have run" -> out.putShort((short) entry.mayHaveRun());
      case "prompt tokens" -> out.putLong(entry.usage().promptTokens());
      case "completion tokens" -> out.putLong(entry.usage().completionTokens());
      case "cached tokens" -> out.putLong(entry.usage().cachedTokens());
      case "reasoning tokens" -> out.putLong(entry.usage().reasoningTokens());
      case "cost" ->
          out.putLong(entry.usage().cost().isKnown() ? entry.usage().cost().billionths() : -1);
      case "source" -> out.put((byte) entry.marks().source().ordinal());
      case "saved" ->
          out.putLong(
              entry.marks().source() == AnswerSource.ENDPOINT
                  ? entry.usage().cacheDiscount()
                  : entry.saved().isKnown() ? entry.saved().billionths() : -1);
      case "code length" -> out.put((byte) code.length);
      case "code" -> out.put(code);
      case "rendered" -> out.put(entry.rendered());
      default -> throw new AssertionError("the page names a field that no codec writes: " + field);
    }
  }

  @Test
  void whatACacheTookOffIsOfTheRowsOwnAnswerAlone() {
    Usage cached = new Usage(100, 7, 80, 0).at(Cost.of(9)).withCacheDiscount(4);

    assertThat(entry(true, false, AnswerMarks.NONE, cached).spent().usage().cacheDiscount())
        .isEqualTo(4);
    for (AnswerSource source : AnswerSource.values()) {
      assertThat(
              entry(true, false, AnswerMarks.NONE.from(source), cached)
                  .spent()
                  .usage()
                  .cacheDiscount())
          .as("%s", source)
          .isEqualTo(source == AnswerSource.ENDPOINT ? 4 : 0);
    }
  }

  /** As it was written before answers bore these marks: 1 success, 4 truncated. */
  @Test
  void anOlderEntryIsRead() {
    ByteBuffer old = ByteBuffer.allocate(64);
    old.putInt(32).putInt(5).put((byte) 5).putShort((short) 1).putShort((short) 0);
    old.putLong(7).putLong(8).put((byte) 0).put((byte) 'x').put((byte) '\n');
    old.flip();

    JournalEntry entry = JournalEntry.decode(old);

    assertThat(old.hasRemaining()).isFalse();
    assertThat(entry.success()).isTrue();
    assertThat(entry.marks()).isEqualTo(new AnswerMarks(true, false, false));
    assertThat(entry.usage().total()).isEqualTo(15);
    assertThat(entry.rendered()).isEqualTo(new byte[] {'x', '\n'});
  }
}
