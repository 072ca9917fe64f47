package io.batchinfer.journal;

import io.batchinfer.model.AnswerMarks;
import io.batchinfer.model.Usage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Journal entries for tests. */
final class Entries {
  private Entries() {}

  static JournalEntry answered(int line, String text) {
    return entry(line, true, false, text);
  }

  static JournalEntry refused(int line, String text) {
    return entry(line, false, false, text);
  }

  static JournalEntry provisional(int line, String text) {
    return entry(line, false, true, text);
  }

  private static JournalEntry entry(int line, boolean success, boolean provisional, String text) {
    return new JournalEntry(
        line,
        success,
        provisional,
        AnswerMarks.NONE,
        1,
        0,
        new Usage(10, 5),
        success ? "" : "http_400",
        (text + "\n").getBytes(StandardCharsets.UTF_8));
  }

  static List<JournalEntry> decodeAll(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    List<JournalEntry> entries = new ArrayList<>();
    while (buffer.hasRemaining()) {
      entries.add(JournalEntry.decode(buffer));
    }
    return entries;
  }

  static String text(JournalEntry entry) {
    return new String(entry.rendered(), StandardCharsets.UTF_8).stripTrailing();
  }
}
