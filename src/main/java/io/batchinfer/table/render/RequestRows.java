package io.batchinfer.table.render;

import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.TableOptions;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;

/**
 * How the rows of a table become requests: {@code --key}, {@code --prompt}, {@code --system} and
 * the other options of tables, checked against the table's columns.
 *
 * <pre>{@code
 * RequestRows requests = RequestRows.of(table, options);
 * RowRenderer renderer = requests.renderer();
 * requests.rows().foreachPartition(rows -> … renderer.render(row) …);
 * }</pre>
 *
 * <p>Rows are read once: what a row is rendered as is to be kept, since a table need not give the
 * same rows again. Belongs to the driver's thread that made it; the renderer goes to executors.
 */
public final class RequestRows {
  private final Dataset<Row> projected;
  private final StructType keys;
  private final RowRenderer renderer;

  private RequestRows(Dataset<Row> projected, StructType keys, RowRenderer renderer) {
    this.projected = projected;
    this.keys = keys;
    this.renderer = renderer;
  }

  /**
   * Checks the options of tables; computes nothing.
   *
   * @throws BatchException {@link ErrorCode#USAGE} if options contradict each other, do not fit the
   *     endpoint, or name what the table does not have
   */
  public static RequestRows of(Dataset<Row> table, ResolvedOptions options) {
    if (table.isStreaming()) {
      throw new BatchException(
          ErrorCode.USAGE,
          "The table is a stream, which has no end. Read it as a batch, with spark.read in place of spark.readStream.");
    }
    boolean caseSensitive =
        Boolean.parseBoolean(table.sparkSession().conf().get("spark.sql.caseSensitive"));
    TableColumns columns = new TableColumns(table.schema(), caseSensitive);
    Projection projection = new Projection();
    ContentOptions asked = ContentOptions.of(options);
    RowKeys keys = RowKeys.of(options.get(TableOptions.KEY), columns, projection);
    RowBody body = new BodyOptions(table, options, columns, projection).body(asked);
    return new RequestRows(projection.of(table), keys.types(), new RowRenderer(keys, body));
  }

  /**
   * The rows as the renderer takes them: few columns, so that those which no request needs cost
   * nothing, and in the form that Spark stores, which no setting of a session changes. A row is
   * valid until the next one.
   */
  public JavaRDD<InternalRow> rows() {
    return projected.queryExecution().toRdd().toJavaRDD();
  }

  /**
   * The first rows, as {@link #rows} gives them.
   *
   * @param most how many at most
   */
  public List<InternalRow> first(int most) {
    return rows().map(InternalRow::copy).take(most);
  }

  /**
   * Names and types of the key columns, in the order of {@link KeyText}; no fields where the job
   * has no key and rows are to be named by their requests.
   */
  public StructType keys() {
    return keys;
  }

  /** Makes the requests. */
  public RowRenderer renderer() {
    return renderer;
  }
}
