package io.batchinfer.engine.send;

import io.batchinfer.course.CourseFolder;
import io.batchinfer.course.RowKind;
import io.batchinfer.course.RowSketch;
import io.batchinfer.course.RowSketch.Answers;
import io.batchinfer.course.RowSketch.Example;
import io.batchinfer.course.SketchBuilder;
import io.batchinfer.course.SplitSketch;
import io.batchinfer.job.JobFolder;
import io.batchinfer.journal.JournalEntry;
import io.batchinfer.model.Usage;
import io.batchinfer.row.ErrorWords;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Says what the rows of a split were like when it is published: what the journal knows of all of
 * them, and how long those took that this process has sent. For one thread.
 */
final class SplitSketches {
  private final JobFolder folder;
  private final AnswerTimes answers;
  private final String process;

  /**
   * @param answers those of this process; what it has counted goes to the split published next
   * @param process the name that the cluster manager knows it by
   */
  SplitSketches(JobFolder folder, AnswerTimes answers, String process) {
    this.folder = folder;
    this.answers = answers;
    this.process = process;
  }

  /**
   * Adds a row to a sketch, from what is journalled of it.
   *
   * @param kind of the row, or null where it is not known
   */
  static void add(SketchBuilder sketch, JournalEntry entry, @Nullable RowKind kind) {
    sketch.row(entry.attempts());
    Usage usage = entry.usage();
    if (entry.success() || usage.total() > 0) {
      sketch.answer(usage.promptTokens(), usage.completionTokens(), finishReason(entry));
    }
    if (!entry.success()) {
      sketch.failure(
          entry.error(),
          () -> {
            ErrorWords words = ErrorWords.of(entry.rendered());
            return new Example(words.customId(), words.message());
          });
    }
    if (kind != null && !entry.provisional()) {
      kind(sketch, entry, kind);
    }
  }

  private static void kind(SketchBuilder sketch, JournalEntry entry, RowKind kind) {
    boolean cutOff = entry.success() && entry.marks().truncated();
    if (entry.success()) {
      sketch.kind(kind, cutOff, null);
    } else {
      sketch.kind(kind, cutOff, () -> ErrorWords.of(entry.rendered()).customId());
    }
  }

  private static String finishReason(JournalEntry entry) {
    if (entry.marks().truncated()) {
      return "length";
    }
    return entry.marks().filtered() ? "content_filter" : "other";
  }

  /** The sketch of a split that has never been published. */
  SplitSketch sketch(SketchBuilder rows, SplitTimes times) {
    SortedMap<String, Answers> sent = new TreeMap<>();
    Answers all = times.all();
    if (all.count() > 0) {
      sent.put(process, all);
    }
    return new SplitSketch(
        rows.sketch(times.latencies(), times.slowest(), answers.take(), sent), times.millis());
  }

  /**
   * The sketch of a split of which some rows were run again: of all of them what they are like now,
   * and how long each took, each time.
   *
   * @param settled rows of the split
   * @param errors how many of them failed, by code
   */
  SplitSketch again(int split, SplitSketch news, long settled, Map<String, Long> errors) {
    SplitSketch before = new CourseFolder(folder).sketch(split).orElse(SplitSketch.NONE);
    RowSketch sum =
        before
            .rows()
            .plus(news.rows())
            .withKinds(before.rows().kindsAfter(news.rows()))
            .withoutOtherErrors(errors.keySet());
    return new SplitSketch(sum.ofRows(settled), before.millis() + news.millis());
  }
}
