package io.batchinfer.quota;

import io.batchinfer.policy.StatusMeaning;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * What an executor process tells the authority when it asks for permits. Sums are running totals,
 * so that a request or an answer that gets lost is neither forgotten nor counted twice.
 *
 * @param session the asking process
 * @param slots attempts it believes it may have under way: a lower grant may not have reached it
 * @param inFlight attempts under way
 * @param waiting attempts that wait for permits
 * @param waitingTokens what they are estimated to cost
 * @param wantedRows rows it asks for, 0 when its rate permits suffice
 * @param wantedTokens tokens for these rows
 * @param receivedRows rows granted to it since it began, as far as answers reached it
 * @param receivedTokens tokens granted to it since it began, likewise
 * @param tokenRefund tokens that attempts were estimated too high since it began, negative when too
 *     low
 * @param coolDownNanos pause that an endpoint asked for since the last request, 0 for none
 * @param meanings attempts since it began by {@link StatusMeaning}, in order of the enum
 * @param detail the endpoint's own words for the last refusal that may stop the job, or empty
 * @param progress totals of this process since it began
 */
public record QuotaRequest(
    String session,
    int slots,
    int inFlight,
    int waiting,
    long waitingTokens,
    int wantedRows,
    long wantedTokens,
    long receivedRows,
    long receivedTokens,
    long tokenRefund,
    long coolDownNanos,
    long[] meanings,
    String detail,
    Progress progress) {

  /** Totals of one process, for showing. */
  public record Progress(
      long settled, long failed, long attempts, long promptTokens, long completionTokens) {
    public static final Progress ZERO = new Progress(0, 0, 0, 0, 0);

    public Progress plus(Progress other) {
      return new Progress(
          settled + other.settled,
          failed + other.failed,
          attempts + other.attempts,
          promptTokens + other.promptTokens,
          completionTokens + other.completionTokens);
    }
  }

  public byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeUTF(session);
      out.writeInt(slots);
      out.writeInt(inFlight);
      out.writeInt(waiting);
      out.writeLong(waitingTokens);
      out.writeInt(wantedRows);
      out.writeLong(wantedTokens);
      out.writeLong(receivedRows);
      out.writeLong(receivedTokens);
      out.writeLong(tokenRefund);
      out.writeLong(coolDownNanos);
      out.writeInt(meanings.length);
      for (long count : meanings) {
        out.writeLong(count);
      }
      out.writeUTF(detail);
      out.writeLong(progress.settled());
      out.writeLong(progress.failed());
      out.writeLong(progress.attempts());
      out.writeLong(progress.promptTokens());
      out.writeLong(progress.completionTokens());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  public static QuotaRequest decode(byte[] message) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(message))) {
      String session = in.readUTF();
      int slots = in.readInt();
      int inFlight = in.readInt();
      int waiting = in.readInt();
      long waitingTokens = in.readLong();
      int wantedRows = in.readInt();
      long wantedTokens = in.readLong();
      long receivedRows = in.readLong();
      long receivedTokens = in.readLong();
      long tokenRefund = in.readLong();
      long coolDownNanos = in.readLong();
      long[] meanings = new long[in.readInt()];
      for (int i = 0; i < meanings.length; i++) {
        meanings[i] = in.readLong();
      }
      return new QuotaRequest(
          session,
          slots,
          inFlight,
          waiting,
          waitingTokens,
          wantedRows,
          wantedTokens,
          receivedRows,
          receivedTokens,
          tokenRefund,
          coolDownNanos,
          meanings,
          in.readUTF(),
          new Progress(in.readLong(), in.readLong(), in.readLong(), in.readLong(), in.readLong()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long count(StatusMeaning meaning) {
    return meanings[meaning.ordinal()];
  }
}
