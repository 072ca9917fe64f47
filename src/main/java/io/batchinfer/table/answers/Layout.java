package io.batchinfer.table.answers;

import io.batchinfer.row.AnswerPart;
import java.io.Serializable;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * What a query wants of the rows.
 *
 * @param jobHash 32 hexadecimal digits, from which the ids of rows are made
 * @param endpoint canonical path of the endpoint that most rows go to, or empty
 * @param columns names of the columns in the order of the query
 * @param keys the columns that name a row
 * @param typedKeys whether {@code custom_id} is a text of those columns
 * @param parsed type of the column {@code parsed}, or null
 */
record Layout(
    String jobHash,
    String endpoint,
    List<String> columns,
    Set<RowStatus> statuses,
    StructType keys,
    boolean typedKeys,
    @Nullable StructType parsed)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Place of a column in the key, or -1. */
  int keyPlace(String column) {
    String[] names = keys.fieldNames();
    for (int i = 0; i < names.length; i++) {
      if (names[i].equals(column)) {
        return i;
      }
    }
    return -1;
  }

  boolean wants(RowStatus status) {
    return statuses.contains(status);
  }

  boolean wantsKeys() {
    return columns.stream().anyMatch(column -> keyPlace(column) >= 0);
  }

  boolean wants(AnswerColumn... any) {
    return columns.stream()
        .filter(column -> keyPlace(column) < 0)
        .anyMatch(column -> Arrays.asList(any).contains(AnswerColumn.named(column).orElseThrow()));
  }

  /** Whether all that is wanted is the same for every row of a status, as for a count. */
  boolean wantsOnlyStatus() {
    return columns.stream()
        .allMatch(
            column ->
                keyPlace(column) < 0
                    && AnswerColumn.named(column).orElseThrow() == AnswerColumn.STATUS);
  }

  /** Whether anything of what was spent on a row is wanted. */
  boolean wantsFacts() {
    return wants(
        AnswerColumn.USAGE, AnswerColumn.COST, AnswerColumn.ATTEMPTS, AnswerColumn.MAY_HAVE_RUN);
  }

  /** What of a result line it takes, in a set of the caller's own. */
  Set<AnswerPart> parts() {
    Set<AnswerPart> parts = EnumSet.noneOf(AnswerPart.class);
    for (String column : columns) {
      if (keyPlace(column) < 0) {
        parts.addAll(AnswerColumn.named(column).orElseThrow().parts());
      }
    }
    return parts;
  }
}
