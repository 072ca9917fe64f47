package io.batchinfer.spark;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.io.IOException;
import org.apache.hadoop.security.UserGroupInformation;

/** Whether the Hadoop at hand runs on this Java. */
final class HadoopOnJava {
  /** From this one on, Java no longer has what Hadoop before 3.5 asks who the user is. */
  private static final int WITHOUT_SECURITY_MANAGER = 24;

  private HadoopOnJava() {}

  /**
   * Refuses a Java that is too new. Without this, a run over local files would be paid for before
   * its first call of Hadoop fails.
   *
   * @throws BatchException with {@link ErrorCode#UNSUPPORTED_SPARK}, or with {@link
   *     ErrorCode#STORAGE_FAILED} where Hadoop's login fails
   */
  static void check() {
    if (Runtime.version().feature() < WITHOUT_SECURITY_MANAGER) {
      return;
    }
    try {
      UserGroupInformation.getCurrentUser();
    } catch (UnsupportedOperationException e) {
      throw SparkAtHand.here().refusal(e).orElseThrow(() -> e);
    } catch (IOException e) {
      throw new BatchException(
          ErrorCode.STORAGE_FAILED,
          "Hadoop does not know who runs this: %s. Check its security settings."
              .formatted(e.getMessage()),
          e);
    }
  }
}
