package io.batchinfer.pack;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.Reply;
import io.batchinfer.client.Settlement;
import io.batchinfer.client.SettlingChannel;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Misfit;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.Usage;
import io.batchinfer.policy.StatusMeaning;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends rows that are alike in one request, and settles each by its own part of the answer. A
 * request that is refused and in which a single row may be at fault is sent again in two halves,
 * down to the row alone; everything else that ends a request ends all its rows. Thread-safe.
 */
public final class PackChannel {
  private final SettlingChannel channel;
  private final PackBound bound;
  private final BooleanSupplier succeeded;
  private final Consumer<Throwable> unexpected;

  /**
   * @param mostRows rows of one request
   * @param mostAnswerBytes largest answer to one request that is to be asked for
   * @param succeeded whether the endpoint has answered any request of the run
   * @param notice hears what the user should know of the endpoint
   * @param unexpected hears what an answer could not be taken apart for
   */
  public PackChannel(
      SettlingChannel channel,
      int mostRows,
      long mostAnswerBytes,
      BooleanSupplier succeeded,
      Consumer<String> notice,
      Consumer<Throwable> unexpected) {
    this.channel = channel;
    this.bound = new PackBound(mostRows, mostAnswerBytes, notice);
    this.succeeded = succeeded;
    this.unexpected = unexpected;
  }

  /** Rows that the next request may hold, 1 at least: it changes with what the endpoint takes. */
  public int mostRows() {
    return bound.rows();
  }

  /**
   * Sends rows that are alike, in one request as far as it may hold them, or one row that goes
   * alone.
   */
  public void send(List<PackRow> rows) {
    int most = bound.rows();
    for (int from = 0; from < rows.size(); from += most) {
      List<PackRow> some = rows.subList(from, Math.min(rows.size(), from + most));
      send(some, false, answered -> {});
    }
  }

  /**
   * @param suspect whether they were part of a request that made the endpoint go away
   * @param whenEnded hears whether all of them were answered in this one request
   */
  private void send(List<PackRow> rows, boolean suspect, Consumer<Boolean> whenEnded) {
    try {
      OutboundRequest request =
          rows.size() == 1
              ? rows.get(0).request()
              : PackedRequest.of(rows.stream().map(PackRow::packable).toList());
      channel
          .send(request, suspect)
          .whenComplete((settlement, failure) -> ended(rows, settlement, failure, whenEnded));
    } catch (Throwable thrown) {
      rows.forEach(row -> row.fail(thrown));
    }
  }

  private void ended(
      List<PackRow> rows,
      @Nullable Settlement settlement,
      @Nullable Throwable failure,
      Consumer<Boolean> whenEnded) {
    try {
      if (settlement == null) {
        Throwable thrown = failure == null ? new IllegalStateException("no settlement") : failure;
        rows.forEach(row -> row.fail(thrown));
      } else {
        ended(rows, settlement, whenEnded);
      }
    } catch (Throwable thrown) {
      rows.forEach(row -> row.fail(thrown));
    }
  }

  private void ended(List<PackRow> rows, Settlement settlement, Consumer<Boolean> whenEnded) {
    Attempt last = settlement.last();
    Reply reply = last.reply();
    ReplyFacts facts = last.facts();
    if (last.meaning() == StatusMeaning.ANSWERED && reply != null && facts != null) {
      answered(rows, settlement, reply, facts);
      whenEnded.accept(true);
    } else if (rows.size() > 1 && mayBeOneRows(settlement)) {
      whenEnded.accept(false);
      halve(rows, settlement);
    } else {
      whenEnded.accept(false);
      endAll(rows, settlement);
    }
  }

  /** A refusal that stops the run before its first success speaks of the key, not of rows. */
  private boolean mayBeOneRows(Settlement settlement) {
    StatusMeaning meaning = settlement.last().meaning();
    boolean stops = meaning.stop() != StatusMeaning.Stop.NEVER && !succeeded.getAsBoolean();
    return settlement.crashesEndpoint() || (meaning.mayBeOneRows() && !stops);
  }

  private void answered(List<PackRow> rows, Settlement settlement, Reply reply, ReplyFacts facts) {
    if (rows.size() == 1) {
      if (rows.get(0).isPackable()) {
        bound.answered(1, reply.body().length);
      }
      rows.get(0).settle(settlement, settlement.last(), settlement.usedBefore());
      return;
    }
    Shares shares = shares(rows);
    PackedAnswer answer = read(reply, rows.size());
    @Nullable String problem = answer.problem().orElse(null);
    if (problem == null) {
      bound.answered(rows.size(), reply.body().length);
    }
    String words = problem == null ? "" : unmatched(rows.size(), problem);
    for (int i = 0; i < rows.size(); i++) {
      ReplyFacts own = facts.with(shares.of(facts.usage(), i));
      if (problem != null) {
        own = own.with(new Misfit(ErrorCode.UNMATCHED_ANSWER, words));
      }
      rows.get(i)
          .settle(
              settlement,
              PackRow.own(settlement.last(), reply.with(answer.of(i, shares)), own),
              shares.of(settlement.usedBefore(), i));
    }
    if (problem != null) {
      bound.unmatched(words);
    }
  }

  private PackedAnswer read(Reply reply, int rows) {
    try {
      return PackedAnswer.read(reply.body(), rows);
    } catch (RuntimeException | StackOverflowError e) {
      unexpected.accept(e);
      return PackedAnswer.unreadable(reply.body());
    }
  }

  private static String unmatched(int rows, String problem) {
    return "The answer to a request of %d inputs does not say for sure which of its vectors is whose: %s."
        .formatted(rows, problem);
  }

  private void endAll(List<PackRow> rows, Settlement settlement) {
    Attempt last = settlement.last();
    Shares shares = shares(rows);
    for (int i = 0; i < rows.size(); i++) {
      Reply reply = last.reply();
      ReplyFacts facts = last.facts();
      Attempt own =
          reply == null || facts == null
              ? last
              : PackRow.own(last, reply, facts.with(shares.of(facts.usage(), i)));
      rows.get(i).settle(settlement, own, shares.of(settlement.usedBefore(), i));
    }
  }

  private void halve(List<PackRow> rows, Settlement settlement) {
    ReplyFacts facts = settlement.last().facts();
    Usage used = facts == null ? Usage.NONE : facts.usage();
    Shares shares = shares(rows);
    for (int i = 0; i < rows.size(); i++) {
      rows.get(i).carry(settlement, shares.of(used.plus(settlement.usedBefore()), i));
    }
    int middle = (rows.size() + 1) / 2;
    AtomicInteger answered = new AtomicInteger();
    Consumer<Boolean> whenEnded =
        whole -> {
          if (whole && answered.incrementAndGet() == 2) {
            bound.answeredInHalves(rows.size(), middle);
          }
        };
    boolean suspect = settlement.crashesEndpoint();
    send(rows.subList(0, middle), suspect, whenEnded);
    send(rows.subList(middle, rows.size()), suspect, whenEnded);
  }

  private static Shares shares(List<PackRow> rows) {
    return new Shares(rows.stream().mapToLong(PackRow::size).toArray());
  }
}
