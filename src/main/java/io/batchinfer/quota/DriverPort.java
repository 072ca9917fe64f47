package io.batchinfer.quota;

import java.util.concurrent.CompletionStage;

/**
 * The channel from an executor to the driver. Carries bytes, because classes of this program are
 * not visible to the class loader that Spark's transport decodes with.
 */
@FunctionalInterface
public interface DriverPort {
  /**
   * Asks the driver. Returns at once; completes exceptionally when the driver is gone, does not
   * answer in time, or refuses.
   */
  CompletionStage<byte[]> ask(byte[] message);
}
