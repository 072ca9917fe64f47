import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.md5;
import static org.apache.spark.sql.functions.repeat;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Writes the requests of make_input.py as a table: REQUESTS TABLE FURTHER_COLUMNS. */
public final class TableOfRequests {
  public static void main(String[] arguments) {
    SparkSession session = SparkSession.builder().getOrCreate();
    Dataset<Row> table =
        session
            .read()
            .json(arguments[0])
            .select(
                col("custom_id").as("id"),
                col("body.messages").getItem(0).getField("content").as("system"),
                col("body.messages").getItem(1).getField("content").as("content"));
    for (int i = 0; i < Integer.parseInt(arguments[2]); i++) {
      table = table.withColumn("w" + i, repeat(md5(concat(col("id"), lit("-" + i)).cast("binary")), 32));
    }
    // As large on disk as they are, so that reading them would cost what it costs.
    table.write().option("compression", "none").parquet(arguments[1]);
    session.stop();
  }
}
