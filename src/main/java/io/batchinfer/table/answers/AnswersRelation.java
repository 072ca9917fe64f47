package io.batchinfer.table.answers;

import io.batchinfer.job.JobFolder;
import io.batchinfer.model.Plan;
import io.batchinfer.spark.TaskFiles;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.sources.Filter;
import org.apache.spark.sql.sources.PrunedFilteredScan;
import org.apache.spark.sql.types.StructType;

/** The answers of a job as Spark reads them: a partition for each split. */
final class AnswersRelation extends BaseRelation implements PrunedFilteredScan {
  private final SQLContext context;
  private final JobFolder folder;
  private final String jobHash;
  private final String endpoint;
  private final Plan plan;
  private final AnswersSchema schema;
  private final StructType columns;

  AnswersRelation(
      SQLContext context,
      JobFolder folder,
      String jobHash,
      String endpoint,
      Plan plan,
      AnswersSchema schema) {
    this.context = context;
    this.folder = folder;
    this.jobHash = jobHash;
    this.endpoint = endpoint;
    this.plan = plan;
    this.schema = schema;
    this.columns = schema.columns();
  }

  @Override
  public SQLContext sqlContext() {
    return context;
  }

  @Override
  public StructType schema() {
    return columns;
  }

  /** Rows come as Spark stores them: vectors and texts are not copied once more. */
  @Override
  public boolean needConversion() {
    return false;
  }

  /** Answers are mostly as long as what was asked. */
  @Override
  public long sizeInBytes() {
    return Math.max(1, plan.bytes());
  }

  @Override
  public Filter[] unhandledFilters(Filter[] filters) {
    return Arrays.stream(filters)
        .filter(filter -> !StatusFilter.isDecided(filter))
        .toArray(Filter[]::new);
  }

  @Override
  public RDD<Row> buildScan(String[] requiredColumns, Filter[] filters) {
    Set<RowStatus> statuses = StatusFilter.passing(filters);
    Layout layout =
        new Layout(
            jobHash,
            endpoint,
            List.of(requiredColumns),
            statuses,
            schema.keys(),
            schema.typedKeys(),
            schema.parsed().orElse(null));
    List<SplitTask> tasks = new JobSplits(folder, plan).tasks(statuses);
    RDD<InternalRow> rows =
        JavaSparkContext.fromSparkContext(context.sparkContext())
            .parallelize(tasks, Math.max(1, tasks.size()))
            .flatMap(task -> rows(layout, task))
            .rdd();
    return asRows(rows);
  }

  private static Iterator<InternalRow> rows(Layout layout, SplitTask task) throws IOException {
    Iterator<InternalRow> rows = AnswerRows.of(layout, task, TaskFiles.folder(task.root()));
    TaskContext running = TaskContext.get();
    if (running != null && rows instanceof AnswerRows open) {
      running.addTaskCompletionListener(
          ended -> {
            open.close();
          });
    }
    return rows;
  }

  /** What Spark expects of a relation whose rows need no conversion. */
  @SuppressWarnings("unchecked")
  private static RDD<Row> asRows(RDD<InternalRow> rows) {
    return (RDD<Row>) (RDD<?>) rows;
  }
}
