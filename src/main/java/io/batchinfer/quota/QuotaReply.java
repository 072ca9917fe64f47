package io.batchinfer.quota;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * What the authority answers.
 *
 * @param slots attempts that the process may have under way at once
 * @param rows whole rows granted, on top of what is unspent
 * @param tokens tokens granted, on top of what is unspent
 * @param unlimited whether there is no rate limit, so that rows and tokens do not matter
 * @param countsTokens whether tokens are limited
 * @param coolDownNanos pause from now on, 0 for none
 * @param fenceNanos how long after the request was sent the process may go on sending
 * @param stopped whether nothing new may be sent any more
 */
public record QuotaReply(
    int slots,
    int rows,
    long tokens,
    boolean unlimited,
    boolean countsTokens,
    long coolDownNanos,
    long fenceNanos,
    boolean stopped) {

  public byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(48);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(slots);
      out.writeInt(rows);
      out.writeLong(tokens);
      out.writeBoolean(unlimited);
      out.writeBoolean(countsTokens);
      out.writeLong(coolDownNanos);
      out.writeLong(fenceNanos);
      out.writeBoolean(stopped);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  public static QuotaReply decode(byte[] message) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(message))) {
      return new QuotaReply(
          in.readInt(),
          in.readInt(),
          in.readLong(),
          in.readBoolean(),
          in.readBoolean(),
          in.readLong(),
          in.readLong(),
          in.readBoolean());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
