package io.batchinfer.engine;

/** A message of a worker of another build, which this one may misread. */
public final class OtherBuildException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  OtherBuildException(String theirs) {
    super(
        "A worker runs %s, and its driver is batchinfer %s: the two may misread each other. Nothing was sent by that worker. Remove batchinfer's jar from where the executors find it beside the job's own (spark.jars, spark.executor.extraClassPath, libraries of the cluster or the image), and give the same command again."
            .formatted(theirs, BuildVersion.CURRENT));
  }
}
