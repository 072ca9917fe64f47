package io.batchinfer.spark;

import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;

/**
 * What Spark calls the jobs that this thread starts, on its pages and to its listeners: their
 * description and the name of their stages. Spark keeps the words that a job begins with. A group
 * is set only where there is none: whoever set one cancels by it. Opened and closed by one thread,
 * which then has what it had.
 */
final class JobLabel implements AutoCloseable {
  private static final String DESCRIPTION = "spark.job.description";
  private static final String GROUP = "spark.jobGroup.id";
  private static final String STAGE = "callSite.short";

  private final JavaSparkContext context;
  private final @Nullable String description;
  private final @Nullable String group;
  private final @Nullable String stage;

  private JobLabel(JavaSparkContext context) {
    this.context = context;
    this.description = context.getLocalProperty(DESCRIPTION);
    this.group = context.getLocalProperty(GROUP);
    this.stage = context.getLocalProperty(STAGE);
  }

  /**
   * Names the jobs to come.
   *
   * @param root output folder of the run, which is their group
   * @param words what they do, and how far the run is
   */
  static JobLabel of(JavaSparkContext context, String root, String words) {
    JobLabel label = new JobLabel(context);
    String full = "batchinfer: " + words;
    context.setLocalProperty(DESCRIPTION, full);
    context.setLocalProperty(STAGE, full);
    if (label.group == null) {
      context.setLocalProperty(GROUP, "batchinfer " + root);
    }
    return label;
  }

  @Override
  public void close() {
    context.setLocalProperty(DESCRIPTION, description);
    context.setLocalProperty(GROUP, group);
    context.setLocalProperty(STAGE, stage);
  }
}
