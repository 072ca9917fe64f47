package io.batchinfer.table.answers;

import io.batchinfer.journal.RowFacts;
import io.batchinfer.model.Usage;
import io.batchinfer.row.ResultAnswer;
import io.batchinfer.table.render.KeyText;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;
import scala.Function1;

/** Makes rows of what was read, in the form that Spark stores. Not thread-safe. */
final class RowMaker {
  private static final Set<AnswerColumn> SPENT =
      EnumSet.of(
          AnswerColumn.USAGE, AnswerColumn.COST, AnswerColumn.ATTEMPTS, AnswerColumn.MAY_HAVE_RUN);

  private final String file;
  private final int[] keyPlaces;
  private final AnswerColumn[] columns;
  private final boolean wantsKeys;
  private final @Nullable KeyText keyText;
  private final List<Function1<Object, Object>> keyConverters = new ArrayList<>();
  private final @Nullable ParsedAnswer parsed;
  private final UTF8String[] statusWords;

  /**
   * @param file the input file as people know it
   */
  RowMaker(Layout layout, String file) {
    this.file = file;
    int count = layout.columns().size();
    this.keyPlaces = new int[count];
    this.columns = new AnswerColumn[count];
    for (int i = 0; i < count; i++) {
      String name = layout.columns().get(i);
      keyPlaces[i] = layout.keyPlace(name);
      columns[i] = keyPlaces[i] >= 0 ? AnswerColumn.STATUS : AnswerColumn.named(name).orElseThrow();
    }
    this.wantsKeys = layout.wantsKeys();
    this.keyText = layout.typedKeys() ? KeyText.of(layout.keys()) : null;
    for (StructField key : layout.keys().fields()) {
      keyConverters.add(CatalystTypeConverters.createToCatalystConverter(key.dataType()));
    }
    this.parsed = layout.parsed() == null ? null : new ParsedAnswer(layout.parsed());
    this.statusWords = new UTF8String[RowStatus.values().length];
    for (RowStatus status : RowStatus.values()) {
      statusWords[status.ordinal()] = UTF8String.fromString(status.word());
    }
  }

  /** A row of which nothing but its status is wanted. */
  InternalRow ofStatus(RowStatus status) {
    return row(status, 0, null, null, null, null);
  }

  /** A row without an outcome. */
  InternalRow open(long line, @Nullable String customId, @Nullable RowFacts facts) {
    return row(RowStatus.OPEN, line, customId, null, null, facts);
  }

  /** A row with an outcome. */
  InternalRow settled(RowStatus status, PartLines part, @Nullable RowFacts facts) {
    ResultAnswer answer = part.answer();
    return row(status, part.line(), answer.customId(), answer, part.bytes(), facts);
  }

  private InternalRow row(
      RowStatus status,
      long line,
      @Nullable String customId,
      @Nullable ResultAnswer answer,
      byte @Nullable [] bytes,
      @Nullable RowFacts facts) {
    @Nullable Object[] key = wantsKeys && customId != null ? key(customId) : null;
    @Nullable Object[] values = new Object[columns.length];
    for (int i = 0; i < values.length; i++) {
      if (keyPlaces[i] >= 0) {
        values[i] = key == null ? null : key[keyPlaces[i]];
      } else if (columns[i] == AnswerColumn.STATUS) {
        values[i] = statusWords[status.ordinal()];
      } else if (columns[i] == AnswerColumn.FILE) {
        values[i] = UTF8String.fromString(file);
      } else if (columns[i] == AnswerColumn.LINE) {
        values[i] = line;
      } else if (facts != null && SPENT.contains(columns[i])) {
        values[i] = spent(columns[i], facts);
      } else if (answer != null && bytes != null) {
        values[i] = value(columns[i], status, answer, bytes);
      }
    }
    return new GenericInternalRow(values);
  }

  private @Nullable Object[] key(String customId) {
    KeyText typed = keyText;
    @Nullable Object[] values = typed == null ? new Object[] {customId} : typed.decode(customId);
    @Nullable Object[] stored = new Object[values.length];
    for (int i = 0; i < values.length; i++) {
      Object value = values[i];
      stored[i] = value == null ? null : keyConverters.get(i).apply(value);
    }
    return stored;
  }

  private @Nullable Object value(
      AnswerColumn column, RowStatus status, ResultAnswer answer, byte[] bytes) {
    return switch (column) {
      case ANSWER -> text(answer.text());
      case PARSED -> status == RowStatus.SUCCEEDED ? parsed(answer.text()) : null;
      case EMBEDDING -> {
        float[] vector = answer.vector();
        yield vector == null ? null : UnsafeArrayData.fromPrimitiveArray(vector);
      }
      case FINISH_REASON -> text(answer.ending());
      case USAGE -> usage(answer.usage());
      case ERROR -> status == RowStatus.FAILED ? error(answer.failure()) : null;
      case RESPONSE ->
          answer.bodyLength() == 0
              ? null
              : UTF8String.fromBytes(bytes, answer.bodyStart(), answer.bodyLength()).copy();
      default -> null;
    };
  }

  private static @Nullable Object spent(AnswerColumn column, RowFacts facts) {
    Usage usage = facts.usage();
    return switch (column) {
      case ATTEMPTS -> facts.attempts();
      case MAY_HAVE_RUN -> facts.mayHaveRun();
      case COST -> cost(usage);
      default -> usage(usage);
    };
  }

  /** Of what is counted in pages or seconds, there is a cost without tokens. */
  private static @Nullable Object cost(Usage usage) {
    boolean used = usage.total() > 0 || usage.cost().billionths() > 0;
    return used && usage.cost().isKnown() ? usage.cost().amount() : null;
  }

  private @Nullable InternalRow parsed(@Nullable String text) {
    ParsedAnswer reader = parsed;
    return text == null || reader == null ? null : reader.of(text);
  }

  private static @Nullable InternalRow usage(Usage usage) {
    return usage.total() == 0
        ? null
        : new GenericInternalRow(
            new Object[] {
              usage.promptTokens(),
              usage.completionTokens(),
              usage.cachedTokens(),
              usage.reasoningTokens()
            });
  }

  private static InternalRow error(ResultAnswer.Failure failure) {
    return new GenericInternalRow(
        new Object[] {
          UTF8String.fromString(failure.code()), UTF8String.fromString(failure.message())
        });
  }

  private static @Nullable UTF8String text(@Nullable String text) {
    return text == null ? null : UTF8String.fromString(text);
  }
}
