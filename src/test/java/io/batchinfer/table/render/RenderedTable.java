package io.batchinfer.table.render;

import io.batchinfer.config.OptionSources;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.table.render.RenderedRow.Problem;
import io.batchinfer.testing.SharedSpark;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Tests that render the rows of a query. */
abstract class RenderedTable extends SharedSpark {

  /** Key and body of each row, or key, code and message. */
  final List<String> lines(String query, String... options) {
    RequestRows rows = rows(query, options);
    RowRenderer renderer = rows.renderer();
    return rows.first(Integer.MAX_VALUE).stream()
        .map(renderer::render)
        .map(row -> row.key() + " " + outcome(row))
        .toList();
  }

  /** The body of a query's one row. */
  final String body(String query, String... options) {
    List<String> lines = lines(query, options);
    if (lines.size() != 1 || !lines.get(0).startsWith("null {")) {
      throw new AssertionError(lines.toString());
    }
    return lines.get(0).substring("null ".length());
  }

  final RequestRows rows(String query, String... options) {
    return rows(sqlContext().sparkSession().sql(query), options);
  }

  static RequestRows rows(Dataset<Row> table, String... options) {
    return RequestRows.of(table, options(options));
  }

  private static String outcome(RenderedRow row) {
    byte[] body = row.body();
    if (body != null) {
      return new String(body, StandardCharsets.UTF_8);
    }
    Problem problem = Objects.requireNonNull(row.problem());
    return problem.code().code() + " " + problem.message();
  }

  private static ResolvedOptions options(String... pairs) {
    Map<String, List<String>> flags = new TreeMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      flags.computeIfAbsent(pairs[i], name -> new ArrayList<>()).add(pairs[i + 1]);
    }
    return OptionSources.builder().flags(flags).resolve();
  }
}
