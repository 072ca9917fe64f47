package io.batchinfer.engine.send;

import io.batchinfer.config.RateOptions;
import io.batchinfer.engine.RunSpec;
import io.batchinfer.estimate.Pricing;
import io.batchinfer.job.JobFolder;
import io.batchinfer.remote.RemoteBatchApi;
import io.batchinfer.remote.RemoteFetch;
import io.batchinfer.remote.RemoteFolder;
import io.batchinfer.remote.RemoteLine;
import io.batchinfer.remote.RemoteWork;
import io.batchinfer.row.ReplyReader;

/** Reads batches with the run's limits and at the prices of the batch service. */
public final class RemoteReading {
  /** What stands around an answer in its line. */
  private static final long ENVELOPE = 1 << 20;

  private RemoteReading() {}

  /** Reads batches like that one. */
  public static RemoteFetch of(
      RunSpec spec, JobFolder folder, RemoteBatchApi api, RemoteWork work) {
    Pricing pricing = spec.pricing().ofBatches();
    long longest = spec.options().get(RateOptions.MAX_RESPONSE_BYTES) + ENVELOPE;
    return new RemoteFetch(
        api,
        new RemoteFolder(folder),
        (int) Math.min(longest, Integer.MAX_VALUE - 64L),
        line -> billionths(pricing, work, line));
  }

  private static long billionths(Pricing pricing, RemoteWork work, RemoteLine line) {
    return line.status() == 0
        ? 0
        : pricing
            .priced(work.model(), ReplyReader.read(work.endpoint(), line.body()))
            .usage()
            .cost()
            .billionths();
  }
}
