package io.batchinfer.table.stage;

import io.batchinfer.spark.TaskFiles;
import io.batchinfer.storage.FileStore;
import io.batchinfer.table.render.RenderedRow;
import io.batchinfer.table.render.RequestRows;
import io.batchinfer.table.render.RowRenderer;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.catalyst.InternalRow;
import scala.Tuple2;

/** Renders a table as Spark jobs, to write it down or to compare it with what was written. */
final class TableStaging {
  /** A job reads four times as many files at most, and so many small ones only cost. */
  private static final int MOST_PARTS = 1 << 14;

  private final JavaSparkContext context;
  private final RequestRows requests;

  TableStaging(JavaSparkContext context, RequestRows requests) {
    this.context = context;
    this.requests = requests;
  }

  private boolean named() {
    return requests.keys().length() > 0;
  }

  /** Renders every row and keeps none. */
  TableSum sum() {
    RowRenderer renderer = requests.renderer();
    return rows()
        .mapPartitions(
            rows -> {
              RowDigest digest = new RowDigest();
              TableSum sum = TableSum.NOTHING;
              while (rows.hasNext()) {
                sum = sum.plusRow(digest.share(digest.of(renderer.render(rows.next()))));
              }
              return List.of(sum).iterator();
            })
        .fold(TableSum.NOTHING, TableSum::plus);
  }

  /**
   * Writes every row into a folder. Only parts that are returned count: an attempt that Spark
   * repeats leaves a file that nobody reads.
   */
  List<StagedPart> stage(String folder) {
    RowRenderer renderer = requests.renderer();
    boolean named = named();
    List<StagedPart> parts =
        rows()
            .mapPartitionsWithIndex(
                (partition, rows) ->
                    rows.hasNext()
                        ? List.of(write(folder, partition, rows, renderer, named)).iterator()
                        : List.<StagedPart>of().iterator(),
                false)
            .collect();
    List<StagedPart> ordered =
        parts.stream().sorted(Comparator.comparingInt(StagedPart::partition)).toList();
    return named ? ordered : EqualRows.numbered(context, ordered);
  }

  private static StagedPart write(
      String folder,
      int partition,
      Iterator<InternalRow> rows,
      RowRenderer renderer,
      boolean named) {
    FileStore store = TaskFiles.stores();
    String path =
        "%s/part-%05d-%d.jsonl".formatted(folder, partition, TaskContext.get().taskAttemptId());
    PartWriter writer = new PartWriter(store, path);
    try (writer) {
      while (rows.hasNext()) {
        RenderedRow row = renderer.render(rows.next());
        writer.write(row, named);
      }
    }
    return writer.finished(partition);
  }

  /**
   * How the table differs from what was staged. Rows are counted, not gathered: no task holds more
   * than a few of them, however many are equal.
   */
  TableDifference difference(List<StagedPart> staged) {
    RowRenderer renderer = requests.renderer();
    boolean named = named();
    JavaPairRDD<RowDigest.Row, Long> now =
        rows()
            .mapPartitionsToPair(
                rows -> {
                  RowDigest digest = new RowDigest();
                  return stream(rows)
                      .map(row -> counted(digest.of(renderer.render(row)), named, 1))
                      .iterator();
                });
    JavaPairRDD<RowDigest.Row, Long> then =
        context
            .parallelize(staged, Math.max(1, staged.size()))
            .flatMapToPair(
                part -> stream(HashFile.of(part)).map(row -> counted(row, named, -1)).iterator());
    return then.union(now)
        .reduceByKey(Long::sum)
        .mapToPair(row -> new Tuple2<>(row._1().key(), TableDifference.ofSurplus(row._2())))
        .reduceByKey(TableDifference::plus)
        .map(key -> key._2().ofOneKey())
        .fold(TableDifference.NONE, TableDifference::plus);
  }

  private static <T> Stream<T> stream(Iterator<T> items) {
    return StreamSupport.stream(
        Spliterators.spliteratorUnknownSize(items, Spliterator.ORDERED), false);
  }

  /** Rows are matched by their keys, those of a table without key by what they ask. */
  private static Tuple2<RowDigest.Row, Long> counted(RowDigest.Row row, boolean named, long count) {
    return new Tuple2<>(named ? row : new RowDigest.Row(row.request(), row.request()), count);
  }

  private JavaRDD<InternalRow> rows() {
    JavaRDD<InternalRow> rows = requests.rows();
    return rows.getNumPartitions() > MOST_PARTS ? rows.coalesce(MOST_PARTS) : rows;
  }
}
