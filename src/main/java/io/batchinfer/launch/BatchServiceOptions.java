package io.batchinfer.launch;

import io.batchinfer.config.EndpointOptions;
import io.batchinfer.config.EngineOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.SavingOptions;
import io.batchinfer.config.Via;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.util.List;

/** What goes together with a provider's batch service, and what does not. */
final class BatchServiceOptions {
  private BatchServiceOptions() {}

  /**
   * Looks whether rows can go the way that the options name.
   *
   * @throws BatchException {@link ErrorCode#USAGE} where they cannot
   */
  static void check(ResolvedOptions options) {
    if (options.get(SavingOptions.VIA) != Via.BATCH) {
      return;
    }
    if (options.get(EndpointOptions.SIMULATE)) {
      throw new BatchException(
          ErrorCode.USAGE,
          "--via batch needs a provider's batch service, and the simulated endpoint has none. Leave --simulate out, or --via batch.");
    }
    if (options.find(EngineOptions.ENGINE).isPresent()) {
      throw new BatchException(
          ErrorCode.USAGE,
          "--via batch needs a provider's batch service, and an engine has none. Leave --engine out, or --via batch.");
    }
    List<String> bases = options.find(EndpointOptions.BASE_URL).orElse(List.of());
    if (bases.size() > 1) {
      throw new BatchException(
          ErrorCode.USAGE,
          "--via batch goes to one batch service, and --base-url names %d addresses. Give one."
              .formatted(bases.size()));
    }
  }
}
