package io.batchinfer.engine.send;

import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.Settlement;
import io.batchinfer.engine.send.OpenRows.OpenRow;
import io.batchinfer.pack.OpenPacks;
import io.batchinfer.pack.PackRow;
import io.batchinfer.pack.Packable;
import io.batchinfer.quota.QuotaSession;
import io.batchinfer.row.ParsedLine.Request;
import io.batchinfer.watch.RowDone;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Sends the rows of one worker as far as there is room for them, and settles each when its end has
 * come. Rows that may share a request wait here for others like them, until it is full or their
 * split ends: while rows are read it is certain that more will come, or that the end does. Rows are
 * sent by one thread; they end on any.
 */
final class RowSender {
  /** Heap that a row needs on top of its body and its answer. */
  private static final int ROW_OVERHEAD = 8 << 10;

  private final RowPath path;
  private final RowRequests requests;
  private final QuotaSession quota;
  private final ProcessFailure failure;
  private final AtomicInteger underWay = new AtomicInteger();

  /** Rows of the split that is being read; they take no room yet. */
  private OpenPacks waiting;

  RowSender(RowPath path, RowRequests requests, QuotaSession quota, ProcessFailure failure) {
    this.path = path;
    this.requests = requests;
    this.quota = quota;
    this.failure = failure;
    this.waiting = new OpenPacks(path.channel()::mostRows);
  }

  /** Rows that were sent and have not come to their end. */
  int underWay() {
    return underWay.get();
  }

  /**
   * Sends a row, once there is room for it, or lets it wait for others; false when the run was
   * stopped instead.
   *
   * @param round the reopening that made a refusal of the row void; 0 where there was none
   */
  boolean send(SplitProgress progress, OpenRow open, Request request, int round)
      throws InterruptedException {
    int line = open.line();
    OutboundRequest outbound =
        requests.outbound(progress.split().row(line), request, round, open.group());
    Optional<Packable> packable =
        path.channel().mostRows() > 1 ? Packable.of(outbound) : Optional.empty();
    PackRow row = packable.map(PackRow::new).orElseGet(() -> new PackRow(outbound));
    long bytes = bytes(outbound);
    settleAtEnd(row, progress, line, request, bytes, () -> {});
    Optional<List<PackRow>> leaving =
        packable.isPresent() ? waiting.add(row) : Optional.of(List.of(row));
    return leaving.isEmpty() || depart(leaving.get(), progress);
  }

  /**
   * Sends a row in a request of its own.
   *
   * @param whenOver run when the row is settled, or left open for good
   */
  boolean sendAlone(SplitProgress progress, int line, Request request, int round, Runnable whenOver)
      throws InterruptedException {
    OutboundRequest outbound = requests.outbound(progress.split().row(line), request, round, 0);
    PackRow row = new PackRow(outbound);
    settleAtEnd(row, progress, line, request, bytes(outbound), whenOver);
    return depart(List.of(row), progress);
  }

  /** Sends the rows that wait for others; false when the run was stopped instead. */
  boolean sendWaiting(SplitProgress progress) throws InterruptedException {
    Optional<List<PackRow>> next = waiting.fullest();
    while (next.isPresent()) {
      if (!depart(next.get(), progress)) {
        return false;
      }
      next = waiting.fullest();
    }
    return true;
  }

  private boolean depart(List<PackRow> rows, SplitProgress progress) throws InterruptedException {
    long bytes = 0;
    for (PackRow row : rows) {
      bytes += bytes(row.request());
    }
    if (quota.isStopped() || !path.room().enter(rows.size(), bytes)) {
      // What waits is left open; its split is given back.
      waiting = new OpenPacks(path.channel()::mostRows);
      failure.refuse();
      return false;
    }
    rows.forEach(unused -> progress.rowOpened());
    underWay.addAndGet(rows.size());
    try {
      path.channel().send(rows);
    } catch (Throwable thrown) {
      // Whether it is on its way nobody knows, so nobody waits for it.
      failure.broke(thrown);
      throw thrown;
    }
    return true;
  }

  /** The request of a row twice: as it was read, and as it goes out, perhaps among others. */
  private static long bytes(OutboundRequest request) {
    return 2 * request.entity().bytes() + ROW_OVERHEAD;
  }

  private void settleAtEnd(
      PackRow row,
      SplitProgress progress,
      int line,
      Request request,
      long bytes,
      Runnable whenOver) {
    long began = path.observer().now();
    long ready = path.ticker().nanos();
    CompletionStage<Settlement> unused =
        row.settled()
            .whenComplete(
                (settlement, thrown) -> {
                  try {
                    if (settlement == null) {
                      failure.broke(thrown);
                    } else {
                      settle(progress, line, request, settlement, new Began(began, ready));
                    }
                  } finally {
                    underWay.decrementAndGet();
                    path.room().leave(bytes);
                  }
                  whenOver.run();
                });
  }

  /**
   * When a row was ready to be sent.
   *
   * @param observed by the observer's time
   */
  private record Began(long observed, long nanos) {}

  private void settle(
      SplitProgress progress, int line, Request request, Settlement settlement, Began began) {
    try {
      RowEnd end = path.classifier().end(settlement);
      // When the last row is settled, the split may be published at once.
      progress
          .times()
          .row(request.customId(), end.attempts(), began.nanos(), path.ticker().nanos());
      path.settler().settle(progress, line, request.customId(), end);
      path.observer()
          .rowEnded(
              new RowDone(
                  progress.split().index(),
                  line,
                  request.path(),
                  request.model(),
                  end.attempts(),
                  RowSettler.errorOf(end.outcome()),
                  began.observed()));
    } catch (Throwable unsettled) {
      failure.broke(unsettled);
    }
  }
}
