package io.batchinfer.engine;

import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.estimate.PriceTable;
import io.batchinfer.model.Digest128;
import io.batchinfer.model.Hash128;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a user asks to run.
 *
 * @param options resolved options, header values included
 * @param secrets what goes over the wire only
 * @param root qualified output folder
 * @param prices of all models that are known
 * @param name what tells it from another job over the same requests; empty where there is none
 */
public record JobRequest(
    ResolvedOptions options, RunSecrets secrets, String root, PriceTable prices, String name) {

  public static final String CONTENT = "input-content";

  /** Part of the identity of jobs that have a name. */
  public static final String NAME = "job-name";

  /** A job that is what its requests are. */
  public JobRequest(ResolvedOptions options, RunSecrets secrets, String root, PriceTable prices) {
    this(options, secrets, root, prices, "");
  }

  /** What makes two commands mean the same job. */
  public SortedMap<String, String> identity(Hash128 content) {
    SortedMap<String, String> identity = new TreeMap<>(options.identity());
    identity.put(CONTENT, content.hex());
    if (!name.isEmpty()) {
      identity.put(NAME, name);
    }
    return identity;
  }

  /**
   * The id of a job. Two jobs over the same requests, each with an output of its own, have two.
   *
   * @param root qualified output folder
   */
  public static String jobId(Hash128 jobHash, String root) {
    return "batch_"
        + new Digest128().add(jobHash.high()).add(jobHash.low()).add(root).finish().hex();
  }

  /** The identity as a hash, from which the ids of rows are made. */
  public static Hash128 jobHash(Map<String, String> identity) {
    Digest128 digest = new Digest128();
    new TreeMap<>(identity).forEach((key, value) -> digest.add(key).add(value));
    return digest.finish();
  }

  /** Without secrets. */
  @Override
  public String toString() {
    return "JobRequest[output=" + root + "]";
  }
}
