package io.batchinfer.engine;

import io.batchinfer.job.ReopeningJson;
import io.batchinfer.journal.SegmentName;
import io.batchinfer.model.ErrorCode;
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

/** What a worker that asks for a split is answered: a split, or why there is none. */
public sealed interface ClaimAnswer permits SplitClaim, ClaimAnswer.Nothing {
  /** Why there is no split. */
  enum Nothing implements ClaimAnswer {
    /** None is free now; the worker may ask again. */
    LATER,
    /** None will be free any more. */
    FINISHED;

    @Override
    public Optional<SplitClaim> granted() {
      return Optional.empty();
    }
  }

  /** The split, if there is one. */
  Optional<SplitClaim> granted();

  /** What {@link #decode} reads. */
  default byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      Optional<SplitClaim> granted = granted();
      out.writeBoolean(granted.isPresent());
      if (granted.isPresent()) {
        write(out, granted.get());
      } else {
        out.writeBoolean(this == Nothing.FINISHED);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void write(DataOutputStream out, SplitClaim claim) throws IOException {
    out.writeInt(claim.split());
    out.writeBoolean(claim.closing().isPresent());
    if (claim.closing().isPresent()) {
      out.writeUTF(claim.closing().get().code());
    }
    out.writeInt(claim.segments().size());
    for (SegmentName segment : claim.segments()) {
      out.writeUTF(segment.fileName());
    }
    out.writeBoolean(claim.reopened().isPresent());
    if (claim.reopened().isPresent()) {
      byte[] reopening = ReopeningJson.writeSplit(claim.reopened().get());
      out.writeInt(reopening.length);
      out.write(reopening);
    }
    out.writeBoolean(claim.alone());
    out.writeInt(claim.blamed().size());
    for (int line : claim.blamed()) {
      out.writeInt(line);
    }
  }

  /** Reads what {@link #encode} made. */
  static ClaimAnswer decode(byte[] message) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(message))) {
      boolean granted = in.readBoolean();
      if (granted) {
        return read(in);
      }
      return in.readBoolean() ? Nothing.FINISHED : Nothing.LATER;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static SplitClaim read(DataInputStream in) throws IOException {
    int split = in.readInt();
    Optional<ErrorCode> closing =
        in.readBoolean() ? Optional.of(ErrorCode.ofCode(in.readUTF())) : Optional.empty();
    int count = in.readInt();
    List<SegmentName> segments = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      segments.add(SegmentName.parse(in.readUTF()).orElseThrow());
    }
    Optional<ReopenedSplit> reopened = Optional.empty();
    if (in.readBoolean()) {
      byte[] reopening = new byte[in.readInt()];
      in.readFully(reopening);
      reopened = Optional.of(ReopeningJson.parseSplit(reopening));
    }
    boolean alone = in.readBoolean();
    List<Integer> blamed = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      blamed.add(in.readInt());
    }
    return new SplitClaim(split, closing, segments, reopened, alone, blamed);
  }
}
