package io.batchinfer.engine.send;

import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.Reply;
import io.batchinfer.client.Settlement;
import io.batchinfer.quota.QuotaSession;
import io.batchinfer.row.ParsedLine.Request;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Sends the rows of one worker as far as there is room for them, and settles each when its end has
 * come. Rows are sent by one thread; they end on any.
 */
final class RowSender {
  /** Heap that a row needs on top of its body and its answer. */
  private static final int ROW_OVERHEAD = 8 << 10;

  private final RowPath path;
  private final RowRequests requests;
  private final QuotaSession quota;
  private final ProcessFailure failure;
  private final AtomicInteger underWay = new AtomicInteger();

  RowSender(RowPath path, RowRequests requests, QuotaSession quota, ProcessFailure failure) {
    this.path = path;
    this.requests = requests;
    this.quota = quota;
    this.failure = failure;
  }

  /** Rows that were sent and have not come to their end. */
  int underWay() {
    return underWay.get();
  }

  /**
   * Sends a row, once there is room for it; false when the run was stopped instead.
   *
   * @param round the reopening that made a refusal of the row void; 0 where there was none
   * @param whenOver run when the row is settled, or left open for good
   */
  boolean send(SplitProgress progress, int line, Request request, int round, Runnable whenOver)
      throws InterruptedException {
    AnswerMemory.Answer answer = path.room().expect();
    OutboundRequest outbound =
        requests.outbound(progress.split().row(line), request, round, answer);
    long bytes = request.body().length + outbound.entity().bytes() + ROW_OVERHEAD;
    if (quota.isStopped() || !path.room().enter(bytes)) {
      failure.refuse();
      return false;
    }
    progress.rowOpened();
    underWay.incrementAndGet();
    try {
      CompletionStage<Settlement> unused =
          path.channel()
              .send(outbound)
              .whenComplete(
                  (settlement, thrown) -> {
                    try {
                      if (settlement == null) {
                        failure.broke(thrown);
                      } else {
                        settle(progress, line, request, settlement);
                      }
                    } finally {
                      leave(answer, settlement, bytes);
                    }
                    whenOver.run();
                  });
    } catch (Throwable thrown) {
      // Whether it is on its way nobody knows, so nobody waits for it.
      failure.broke(thrown);
      throw thrown;
    }
    return true;
  }

  private void settle(SplitProgress progress, int line, Request request, Settlement settlement) {
    try {
      RowEnd end = path.classifier().end(settlement);
      path.settler().settle(progress, line, request.customId(), end);
    } catch (Throwable unsettled) {
      failure.broke(unsettled);
    }
  }

  private void leave(AnswerMemory.Answer answer, @Nullable Settlement settlement, long bytes) {
    underWay.decrementAndGet();
    try {
      answer.over(answerBytes(settlement));
    } finally {
      path.room().leave(bytes);
    }
  }

  private static long answerBytes(@Nullable Settlement settlement) {
    @Nullable Reply reply = settlement == null ? null : settlement.last().reply();
    return reply == null ? 0 : reply.body().length;
  }
}
