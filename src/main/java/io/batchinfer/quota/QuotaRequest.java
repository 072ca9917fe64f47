package io.batchinfer.quota;

import io.batchinfer.model.Cost;
import io.batchinfer.model.LatencyHistogram;
import io.batchinfer.model.ProcessorTime;
import io.batchinfer.model.Saturating;
import io.batchinfer.model.Usage;
import io.batchinfer.policy.StatusMeaning;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an executor process tells the authority when it asks for permits. Sums are running totals,
 * so that a request or an answer that gets lost is neither forgotten nor counted twice.
 *
 * @param session the asking process
 * @param number how many questions it has asked before: it waits for the answer to the last alone
 * @param held what it works with, as in the last answer that it heard: a later one may not have
 *     reached it
 * @param wanted what it asks for
 * @param replicas what it has under way and saw at each replica that it knows, no name twice
 * @param observed what it noticed of the endpoint
 * @param totals what it did since it began
 */
public record QuotaRequest(
    String session,
    long number,
    Held held,
    Wanted wanted,
    List<ReplicaReport> replicas,
    Observed observed,
    Totals totals) {

  /**
   * What a process believes that it may do.
   *
   * @param slots attempts under way at all replicas together, 0 where each has its own
   * @param allowed what it may have spent of each budget
   * @param receivedTokens tokens granted to it since it began, as far as answers reached it, less
   *     those that it let lapse
   */
  public record Held(int slots, double[] allowed, long receivedTokens) {
    public static final Held NOTHING = new Held(0, new double[0], 0);
  }

  /**
   * What a process asks for.
   *
   * @param waiting attempts that wait for permits
   * @param suspects rows among them that are to be under way alone
   * @param rows rows of the rate that it asks for, 0 when its permits suffice
   * @param costs tokens of these rows in order; empty while tokens are not counted
   * @param roundTripNanos how long an answer takes
   */
  public record Wanted(int waiting, int suspects, int rows, long[] costs, long roundTripNanos) {
    public static final Wanted NOTHING = new Wanted(0, 0, 0, new long[0], 0);
  }

  /**
   * What a process noticed of the endpoint.
   *
   * @param coolDownNanos pause that it asked for since the last request, 0 for none
   * @param stated limits that it states in its answers
   * @param cutAfterNanos after how long attempts keep being cut off, 0 when they do not
   * @param detail its own words for the last refusal that may stop the job, or empty
   * @param remark what the user should know about one of its answers, or empty
   */
  public record Observed(
      long coolDownNanos, StatedLimits stated, long cutAfterNanos, String detail, String remark) {
    public static final Observed NOTHING = new Observed(0, StatedLimits.NONE, 0, "", "");

    private void write(DataOutputStream out) throws IOException {
      out.writeLong(coolDownNanos);
      out.writeLong(stated.requestsPerMinute);
      out.writeLong(stated.tokensPerMinute);
      out.writeLong(cutAfterNanos);
      out.writeUTF(detail);
      out.writeUTF(remark);
    }

    private static Observed read(DataInputStream in) throws IOException {
      return new Observed(
          in.readLong(),
          new StatedLimits(in.readLong(), in.readLong()),
          in.readLong(),
          in.readUTF(),
          in.readUTF());
    }
  }

  /**
   * What a process did since it began.
   *
   * @param meanings attempts by {@link StatusMeaning}, in order of the enum
   * @param tokenRefund tokens that attempts were charged too much, negative when too little
   * @param used tokens and cost of all its answers
   */
  public record Totals(long[] meanings, long tokenRefund, Usage used, Progress progress) {
    /** Of a process that has done nothing. */
    public static final Totals NOTHING =
        new Totals(new long[StatusMeaning.values().length], 0, Usage.NONE, Progress.ZERO);

    public Totals plus(Totals other) {
      long[] sums = Arrays.copyOf(meanings, Math.max(meanings.length, other.meanings.length));
      for (int i = 0; i < other.meanings.length; i++) {
        sums[i] = Saturating.sum(sums[i], other.meanings[i]);
      }
      return new Totals(
          sums,
          Saturating.sum(tokenRefund, other.tokenRefund),
          used.plus(other.used),
          progress.plus(other.progress));
    }
  }

  /**
   * Limits that an endpoint states of itself, 0 where it states none.
   *
   * @param requestsPerMinute requests
   * @param tokensPerMinute tokens
   */
  public record StatedLimits(long requestsPerMinute, long tokensPerMinute) {
    public static final StatedLimits NONE = new StatedLimits(0, 0);
  }

  /**
   * Totals of one process, for showing.
   *
   * @param usage tokens and cost of the settled rows
   * @param errors failed rows by code
   * @param latencies how long answers took
   * @param journalLagMillis how long the oldest settled row has not been durable; of several
   *     processes, the longest
   * @param processors how busy the process and its machine were; nothing where the driver sees it
   *     itself
   */
  public record Progress(
      long settled,
      long failed,
      long attempts,
      Usage usage,
      SortedMap<String, Long> errors,
      LatencyHistogram latencies,
      long journalLagMillis,
      ProcessorTime processors) {
    public static final Progress ZERO = new Progress(0, 0, 0, 0, 0);

    /** Of a process whose settled rows are all durable. */
    public Progress(
        long settled,
        long failed,
        long attempts,
        Usage usage,
        SortedMap<String, Long> errors,
        LatencyHistogram latencies) {
      this(settled, failed, attempts, usage, errors, latencies, 0, ProcessorTime.NONE);
    }

    public Progress(
        long settled, long failed, long attempts, long promptTokens, long completionTokens) {
      this(
          settled,
          failed,
          attempts,
          new Usage(promptTokens, completionTokens),
          Collections.emptySortedMap(),
          LatencyHistogram.NONE);
    }

    public Progress plus(Progress other) {
      SortedMap<String, Long> allErrors = errors;
      if (!other.errors.isEmpty()) {
        allErrors = new TreeMap<>(errors);
        for (Map.Entry<String, Long> error : other.errors.entrySet()) {
          allErrors.merge(error.getKey(), error.getValue(), Saturating::sum);
        }
      }
      return new Progress(
          Saturating.sum(settled, other.settled),
          Saturating.sum(failed, other.failed),
          Saturating.sum(attempts, other.attempts),
          usage.plus(other.usage),
          allErrors,
          latencies.plus(other.latencies),
          Math.max(journalLagMillis, other.journalLagMillis),
          processors.plus(other.processors));
    }

    /** The same of a process that has ended. */
    Progress ended() {
      return new Progress(settled, failed, attempts, usage, errors, latencies, 0, processors);
    }

    Progress with(LatencyHistogram measured) {
      return new Progress(
          settled, failed, attempts, usage, errors, measured, journalLagMillis, processors);
    }

    private void write(DataOutputStream out) throws IOException {
      out.writeLong(settled);
      out.writeLong(failed);
      out.writeLong(attempts);
      writeUsage(out, usage);
      out.writeInt(errors.size());
      for (Map.Entry<String, Long> error : errors.entrySet()) {
        out.writeUTF(error.getKey());
        out.writeLong(error.getValue());
      }
      Numbers.write(out, latencies.counts());
      out.writeLong(journalLagMillis);
      out.writeLong(processors.own());
      out.writeLong(processors.wanted());
      out.writeLong(processors.machine());
      out.writeLong(processors.offered());
    }

    private static Progress read(DataInputStream in) throws IOException {
      long settled = in.readLong();
      long failed = in.readLong();
      long attempts = in.readLong();
      Usage usage = readUsage(in);
      SortedMap<String, Long> errors = new TreeMap<>();
      int codes = in.readInt();
      for (int i = 0; i < codes; i++) {
        errors.put(in.readUTF(), in.readLong());
      }
      return new Progress(
          settled,
          failed,
          attempts,
          usage,
          errors,
          new LatencyHistogram(Numbers.readLongs(in)),
          in.readLong(),
          new ProcessorTime(in.readLong(), in.readLong(), in.readLong(), in.readLong()));
    }
  }

  /** Attempts under way at all replicas. */
  public int inFlight() {
    int sum = 0;
    for (ReplicaReport replica : replicas) {
      sum += replica.inFlight();
    }
    return sum;
  }

  long count(StatusMeaning meaning) {
    return totals.meanings[meaning.ordinal()];
  }

  public byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeUTF(session);
      out.writeLong(number);
      out.writeInt(held.slots);
      Numbers.write(out, held.allowed);
      out.writeLong(held.receivedTokens);
      out.writeInt(wanted.waiting);
      out.writeInt(wanted.suspects);
      out.writeInt(wanted.rows);
      Numbers.write(out, wanted.costs);
      out.writeLong(wanted.roundTripNanos);
      out.writeInt(replicas.size());
      for (ReplicaReport replica : replicas) {
        replica.write(out);
      }
      observed.write(out);
      Numbers.write(out, totals.meanings);
      out.writeLong(totals.tokenRefund);
      writeUsage(out, totals.used);
      totals.progress.write(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  public static QuotaRequest decode(byte[] message) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(message))) {
      return new QuotaRequest(
          in.readUTF(),
          in.readLong(),
          new Held(in.readInt(), Numbers.readDoubles(in), in.readLong()),
          new Wanted(
              in.readInt(), in.readInt(), in.readInt(), Numbers.readLongs(in), in.readLong()),
          Numbers.readList(ReplicaReport::read, in),
          Observed.read(in),
          new Totals(Numbers.readLongs(in), in.readLong(), readUsage(in), Progress.read(in)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void writeUsage(DataOutputStream out, Usage usage) throws IOException {
    out.writeLong(usage.promptTokens());
    out.writeLong(usage.completionTokens());
    out.writeLong(usage.cachedTokens());
    out.writeLong(usage.reasoningTokens());
    out.writeLong(usage.cost().billionths());
    out.writeLong(usage.cost().unpriced());
  }

  private static Usage readUsage(DataInputStream in) throws IOException {
    return new Usage(
        in.readLong(),
        in.readLong(),
        in.readLong(),
        in.readLong(),
        new Cost(in.readLong(), in.readLong()));
  }
}
