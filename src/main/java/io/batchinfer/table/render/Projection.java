package io.batchinfer.table.render;

import io.batchinfer.model.BatchException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/** The few columns that requests are made of, each once, by the places that they get. */
final class Projection {
  private final List<Column> columns = new ArrayList<>();
  private final Map<List<String>, Integer> places = new HashMap<>();

  /** The place of a column that is wanted for nothing else. */
  int add(Column column) {
    columns.add(column.as("c" + columns.size()));
    return columns.size() - 1;
  }

  /** The place of a column's text. */
  int addText(String flag, TableColumns.Found found) {
    Integer known = places.get(found.path());
    if (known != null) {
      return known;
    }
    int place = add(ColumnTexts.of(flag, found));
    places.put(found.path(), place);
    return place;
  }

  /**
   * These columns of the table.
   *
   * @throws BatchException if Spark cannot compute one of them
   */
  Dataset<Row> of(Dataset<Row> table) {
    if (columns.isEmpty()) {
      // Every row counts, even where all requests are the same.
      return table.select(functions.lit(1).as("c0"));
    }
    return table.select(columns.toArray(Column[]::new));
  }
}
