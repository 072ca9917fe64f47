package io.batchinfer.quota;

import io.batchinfer.model.Cost;
import io.batchinfer.model.LatencyHistogram;
import io.batchinfer.model.Saturating;
import io.batchinfer.model.Usage;
import io.batchinfer.policy.StatusMeaning;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an executor process tells the authority when it asks for permits. Sums are running totals,
 * so that a request or an answer that gets lost is neither forgotten nor counted twice.
 *
 * @param session the asking process
 * @param number how many questions it has asked before: it waits for the answer to the last alone
 * @param slots attempts it believes it may have under way, as in the last answer that it heard: a
 *     lower grant may not have reached it
 * @param allowed what it believes it may have spent of each budget, as in that answer
 * @param replicas what it has under way and saw at each replica
 * @param signs what it saw at each replica of whether it is there
 * @param waiting attempts that wait for permits
 * @param suspects rows among them that are to be under way alone
 * @param wantedRows rows it asks for, 0 when its rate permits suffice
 * @param costs tokens of these rows in order; empty while tokens are not counted
 * @param receivedTokens tokens granted to it since it began, as far as answers reached it, less
 *     those that it let lapse
 * @param tokenRefund tokens that attempts were charged too much since it began, negative when too
 *     little
 * @param roundTripNanos how long an answer takes
 * @param coolDownNanos pause that an endpoint asked for since the last request, 0 for none
 * @param statedLimits what endpoints state in their answers
 * @param cutAfterNanos after how long attempts keep being cut off, 0 when they do not
 * @param meanings attempts since it began by {@link StatusMeaning}, in order of the enum
 * @param detail the endpoint's own words for the last refusal that may stop the job, or empty
 * @param remark what the user should know about one of its answers, or empty
 * @param used tokens and cost of all its answers since it began
 * @param progress totals of this process since it began
 */
public record QuotaRequest(
    String session,
    long number,
    int[] slots,
    double[] allowed,
    ReplicaReport[] replicas,
    ReplicaSigns[] signs,
    int waiting,
    int suspects,
    int wantedRows,
    long[] costs,
    long receivedTokens,
    long tokenRefund,
    long roundTripNanos,
    long coolDownNanos,
    StatedLimits statedLimits,
    long cutAfterNanos,
    long[] meanings,
    String detail,
    String remark,
    Usage used,
    Progress progress) {

  /**
   * One replica as a process sees it.
   *
   * @param inFlight attempts under way
   * @param refusals attempts that it turned away for lack of room, since the process began
   * @param round the round of measuring that the sums belong to
   * @param answers answers to attempts that began in that round
   * @param attemptNanos from sending to answer, summed over them
   * @param work how much work they were, 1,000 for a usual one
   * @param silent attempts under way on connections on which it has not answered anything yet
   * @param leftLying those of them that wait for much longer than answers take
   * @param silentTimeouts attempts that timed out on such connections since the process began
   * @param usualNanos how long answers take to which the endpoint turned at once, 0 while unknown
   */
  public record ReplicaReport(
      int inFlight,
      long refusals,
      long round,
      long answers,
      long attemptNanos,
      long work,
      int silent,
      int leftLying,
      long silentTimeouts,
      long usualNanos) {
    static final ReplicaReport NONE = new ReplicaReport(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /** Whether none of its attempts is being answered, and some wait for too long. */
    boolean isHelpless() {
      return leftLying > 0 && silent >= inFlight;
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
   */
  public record Progress(
      long settled,
      long failed,
      long attempts,
      Usage usage,
      SortedMap<String, Long> errors,
      LatencyHistogram latencies) {
    public static final Progress ZERO = new Progress(0, 0, 0, 0, 0);

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
          latencies.plus(other.latencies));
    }

    Progress with(LatencyHistogram measured) {
      return new Progress(settled, failed, attempts, usage, errors, measured);
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
          settled, failed, attempts, usage, errors, new LatencyHistogram(Numbers.readLongs(in)));
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

  public byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(384);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeUTF(session);
      out.writeLong(number);
      Numbers.write(out, slots);
      Numbers.write(out, allowed);
      out.writeInt(replicas.length);
      for (ReplicaReport replica : replicas) {
        out.writeInt(replica.inFlight());
        out.writeLong(replica.refusals());
        out.writeLong(replica.round());
        out.writeLong(replica.answers());
        out.writeLong(replica.attemptNanos());
        out.writeLong(replica.work());
        out.writeInt(replica.silent());
        out.writeInt(replica.leftLying());
        out.writeLong(replica.silentTimeouts());
        out.writeLong(replica.usualNanos());
      }
      for (ReplicaSigns sign : signs) {
        sign.write(out);
      }
      out.writeInt(waiting);
      out.writeInt(suspects);
      out.writeInt(wantedRows);
      Numbers.write(out, costs);
      out.writeLong(receivedTokens);
      out.writeLong(tokenRefund);
      out.writeLong(roundTripNanos);
      out.writeLong(coolDownNanos);
      out.writeLong(statedLimits.requestsPerMinute());
      out.writeLong(statedLimits.tokensPerMinute());
      out.writeLong(cutAfterNanos);
      Numbers.write(out, meanings);
      out.writeUTF(detail);
      out.writeUTF(remark);
      writeUsage(out, used);
      progress.write(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  public static QuotaRequest decode(byte[] message) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(message))) {
      String session = in.readUTF();
      long number = in.readLong();
      int[] slots = Numbers.readInts(in);
      double[] allowed = Numbers.readDoubles(in);
      ReplicaReport[] replicas = readReplicas(in);
      return new QuotaRequest(
          session,
          number,
          slots,
          allowed,
          replicas,
          readSigns(in, replicas.length),
          in.readInt(),
          in.readInt(),
          in.readInt(),
          Numbers.readLongs(in),
          in.readLong(),
          in.readLong(),
          in.readLong(),
          in.readLong(),
          new StatedLimits(in.readLong(), in.readLong()),
          in.readLong(),
          Numbers.readLongs(in),
          in.readUTF(),
          in.readUTF(),
          readUsage(in),
          Progress.read(in));
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

  private static ReplicaReport[] readReplicas(DataInputStream in) throws IOException {
    ReplicaReport[] replicas = new ReplicaReport[in.readInt()];
    for (int i = 0; i < replicas.length; i++) {
      replicas[i] =
          new ReplicaReport(
              in.readInt(),
              in.readLong(),
              in.readLong(),
              in.readLong(),
              in.readLong(),
              in.readLong(),
              in.readInt(),
              in.readInt(),
              in.readLong(),
              in.readLong());
    }
    return replicas;
  }

  private static ReplicaSigns[] readSigns(DataInputStream in, int count) throws IOException {
    ReplicaSigns[] signs = new ReplicaSigns[count];
    for (int i = 0; i < count; i++) {
      signs[i] = ReplicaSigns.read(in);
    }
    return signs;
  }

  long count(StatusMeaning meaning) {
    return meanings[meaning.ordinal()];
  }
}
