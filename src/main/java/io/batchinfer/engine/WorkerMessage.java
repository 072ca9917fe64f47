package io.batchinfer.engine;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A worker's request on its way to the driver. Every message names the build that wrote it, since
 * executors may have an older jar on their class path, and carries the run's token, so that an
 * executor of an older run on the same Spark session is not listened to.
 *
 * @param token secret of the run
 * @param session the worker's process
 */
public record WorkerMessage(String token, String session, WorkerRequest request) {
  /**
   * The first four bytes: a mark, and a number that goes up whenever the bytes after it mean
   * something else.
   */
  private static final int MARK = 0xBA7C_0000;

  private static final int PROTOCOL = 4;
  private static final int MARK_BITS = 0xFFFF_0000;

  public byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(MARK | PROTOCOL);
      out.writeUTF(BuildVersion.CURRENT);
      out.writeUTF(token);
      out.writeUTF(session);
      request.write(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /**
   * Reads what {@link #encode} made.
   *
   * @throws OtherBuildException if another build made it
   */
  public static WorkerMessage decode(byte[] message) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(message))) {
      int start = message.length < Integer.BYTES ? 0 : in.readInt();
      if ((start & MARK_BITS) != MARK) {
        throw new OtherBuildException("an older batchinfer, whose messages name no version");
      }
      String version = in.readUTF();
      if (start != (MARK | PROTOCOL) || !version.equals(BuildVersion.CURRENT)) {
        throw new OtherBuildException(
            "batchinfer %s with protocol %d instead of %d"
                .formatted(version, start & ~MARK_BITS, PROTOCOL));
      }
      return new WorkerMessage(in.readUTF(), in.readUTF(), WorkerRequest.read(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Kind and place only: requests hold secrets. */
  @Override
  public String toString() {
    return "WorkerMessage[" + request.kind() + ", session=" + session + "]";
  }
}
