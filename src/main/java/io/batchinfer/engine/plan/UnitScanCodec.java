package io.batchinfer.engine.plan;

import io.batchinfer.engine.plan.UnitScan.InvalidLine;
import io.batchinfer.engine.plan.UnitScan.ScannedSplit;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.PlannedModel;
import io.batchinfer.model.PlannedModels;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Scans as bytes, the form in which they come back from planning tasks. */
final class UnitScanCodec {
  private UnitScanCodec() {}

  static byte[] encode(UnitScan scan) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(scan.unit());
      out.writeInt(scan.lines());
      writeHash(out, scan.content());
      out.writeInt(scan.splits().size());
      for (ScannedSplit split : scan.splits()) {
        out.writeLong(split.start());
        out.writeLong(split.end());
        out.writeInt(split.unitLine());
        out.writeInt(split.lines());
        out.writeInt(split.rows());
        out.writeInt(split.invalid());
        writeHash(out, split.rowSum());
        out.writeLong(split.tokens());
      }
      out.writeLong(scan.invalid());
      out.writeInt(scan.firstInvalid().size());
      for (InvalidLine line : scan.firstInvalid()) {
        out.writeInt(line.unitLine());
        out.writeUTF(line.code());
        out.writeUTF(line.message());
      }
      out.writeLong(scan.ids());
      out.writeInt(scan.models().listed().size());
      for (PlannedModel model : scan.models().listed()) {
        out.writeUTF(model.name());
        out.writeLong(model.rows());
        out.writeInt(model.file());
        out.writeLong(model.line());
      }
      out.writeLong(scan.models().unlistedRows());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static UnitScan decode(byte[] encoded) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(encoded))) {
      int unit = in.readInt();
      int lines = in.readInt();
      Hash128 content = readHash(in);
      int splitCount = in.readInt();
      List<ScannedSplit> splits = new ArrayList<>(splitCount);
      for (int i = 0; i < splitCount; i++) {
        splits.add(
            new ScannedSplit(
                in.readLong(),
                in.readLong(),
                in.readInt(),
                in.readInt(),
                in.readInt(),
                in.readInt(),
                readHash(in),
                in.readLong()));
      }
      long invalid = in.readLong();
      int invalidCount = in.readInt();
      List<InvalidLine> firstInvalid = new ArrayList<>(invalidCount);
      for (int i = 0; i < invalidCount; i++) {
        firstInvalid.add(new InvalidLine(in.readInt(), in.readUTF(), in.readUTF()));
      }
      long ids = in.readLong();
      return new UnitScan(unit, lines, content, splits, invalid, firstInvalid, ids, readModels(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static PlannedModels readModels(DataInputStream in) throws IOException {
    List<PlannedModel> models = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      models.add(new PlannedModel(in.readUTF(), in.readLong(), in.readInt(), in.readLong()));
    }
    return new PlannedModels(models, in.readLong());
  }

  private static void writeHash(DataOutputStream out, Hash128 hash) throws IOException {
    out.writeLong(hash.high());
    out.writeLong(hash.low());
  }

  private static Hash128 readHash(DataInputStream in) throws IOException {
    return new Hash128(in.readLong(), in.readLong());
  }
}
