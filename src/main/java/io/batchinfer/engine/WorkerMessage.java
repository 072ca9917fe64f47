package io.batchinfer.engine;

import io.batchinfer.job.JobJson;
import io.batchinfer.journal.SegmentName;
import io.batchinfer.model.ReopenedSplit;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What workers say to the driver. Every message carries the run's token, so that an executor of an
 * older run on the same session is not listened to.
 *
 * @param token secret of the run
 * @param session the worker's process
 * @param worker the worker, or empty
 * @param split the split it is about, or -1
 * @param payload what the kind needs, or nothing
 */
public record WorkerMessage(
    Kind kind, String token, String session, String worker, int split, byte[] payload) {
  public static final byte[] NOTHING = new byte[0];

  /** What a message is about. */
  public enum Kind {
    /** Tells the cluster's name of the process and asks for the {@link RunSecrets}. */
    HELLO,
    /** A quota request. */
    QUOTA,
    /** Asks for a split; answered by a {@link SplitClaim} when there is one, or after a while. */
    CLAIM,
    /** Tells the line of a lonely split that is read next. */
    TRYING,
    /** Asks whether the parts of a split may be published; answered by one byte. */
    COMMIT,
    /** Tells that they are, with the counts as JSON; answered by one byte: whether it counts. */
    COMMITTED,
    /** Gives a worker's splits back. */
    RELEASE,
    /** Tells that the process has nothing under way any more. */
    LEAVE,
    /** Tells the user something in words; not answered before others. */
    NOTICE
  }

  public byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(128 + payload.length);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(kind.ordinal());
      out.writeUTF(token);
      out.writeUTF(session);
      out.writeUTF(worker);
      out.writeInt(split);
      out.writeInt(payload.length);
      out.write(payload);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  public static WorkerMessage decode(byte[] message) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(message))) {
      Kind kind = Kind.values()[in.readByte()];
      String token = in.readUTF();
      String session = in.readUTF();
      String worker = in.readUTF();
      int split = in.readInt();
      byte[] payload = new byte[in.readInt()];
      in.readFully(payload);
      return new WorkerMessage(kind, token, session, worker, split, payload);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Kind and place only: payloads hold secrets. */
  @Override
  public String toString() {
    return "WorkerMessage[" + kind + ", session=" + session + ", split=" + split + "]";
  }

  /**
   * The answer to a claim.
   *
   * @param split the granted split, or -1
   * @param finished whether there is nothing left to claim
   * @param closing error code to settle the split's open rows with instead of sending them, or
   *     empty
   * @param segments where earlier processes journalled for the split
   * @param reopened how the split was reopened, empty for one that was never published
   * @param alone whether its rows are to be sent one at a time, since workers died of it
   * @param blamed lines that are not to be sent, since a worker died of each
   */
  public record SplitClaim(
      int split,
      boolean finished,
      String closing,
      List<SegmentName> segments,
      Optional<ReopenedSplit> reopened,
      boolean alone,
      List<Integer> blamed) {
    public static final SplitClaim LATER = none(false);
    public static final SplitClaim FINISHED = none(true);

    private static SplitClaim none(boolean finished) {
      return new SplitClaim(-1, finished, "", List.of(), Optional.empty(), false, List.of());
    }

    public byte[] encode() {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (DataOutputStream out = new DataOutputStream(bytes)) {
        out.writeInt(split);
        out.writeBoolean(finished);
        out.writeUTF(closing);
        out.writeInt(segments.size());
        for (SegmentName segment : segments) {
          out.writeUTF(segment.fileName());
        }
        byte[] reopening = reopened.map(JobJson::reopenedSplit).orElse(NOTHING);
        out.writeInt(reopening.length);
        out.write(reopening);
        out.writeBoolean(alone);
        out.writeInt(blamed.size());
        for (int line : blamed) {
          out.writeInt(line);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return bytes.toByteArray();
    }

    public static SplitClaim decode(byte[] message) {
      try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(message))) {
        int split = in.readInt();
        boolean finished = in.readBoolean();
        String closing = in.readUTF();
        int count = in.readInt();
        List<SegmentName> segments = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
          segments.add(SegmentName.parse(in.readUTF()).orElseThrow());
        }
        byte[] reopening = new byte[in.readInt()];
        in.readFully(reopening);
        boolean alone = in.readBoolean();
        List<Integer> blamed = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
          blamed.add(in.readInt());
        }
        return new SplitClaim(
            split,
            finished,
            closing,
            segments,
            reopening.length == 0
                ? Optional.empty()
                : Optional.of(JobJson.parseReopenedSplit(reopening)),
            alone,
            blamed);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
