package io.batchinfer.engine.plan;

import io.batchinfer.engine.plan.UnitScan.InvalidLine;
import io.batchinfer.engine.plan.UnitScan.ScannedSplit;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.Digest128;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.InputFile;
import io.batchinfer.model.Plan;
import io.batchinfer.model.PlannedModel;
import io.batchinfer.model.Split;
import io.batchinfer.storage.Compression;
import io.batchinfer.storage.FileStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** The sums of planning: from files to scan units, and from scans to the plan. */
public final class PlanBuilder {
  private static final long MAX_SPLIT_BYTES = 256L << 20;
  private static final int AIMED_SPLITS = 1024;

  private PlanBuilder() {}

  /**
   * Units in input order.
   *
   * @param staged pieces of compressed files by file number, {@code path\tbytes} each
   */
  public static List<ScanUnit> units(
      List<FileStore.Entry> files, Map<Integer, List<String>> staged) {
    List<ScanUnit> units = new ArrayList<>();
    for (int file = 0; file < files.size(); file++) {
      FileStore.Entry entry = files.get(file);
      if (Compression.ofName(entry.path()) == Compression.NONE) {
        for (long start = 0; start < entry.bytes(); start += ScanUnit.BYTES) {
          long end = Math.min(entry.bytes(), start + ScanUnit.BYTES);
          units.add(new ScanUnit(units.size(), file, entry.path(), start, end));
        }
      } else {
        for (String piece : staged.getOrDefault(file, List.of())) {
          int tab = piece.lastIndexOf('\t');
          units.add(
              new ScanUnit(
                  units.size(),
                  file,
                  piece.substring(0, tab),
                  0,
                  Long.parseLong(piece.substring(tab + 1))));
        }
      }
    }
    return units;
  }

  /** Size of a split: large inputs get larger ones, so that their number stays bounded. */
  public static long splitBytes(List<ScanUnit> units, long least) {
    long total = units.stream().mapToLong(unit -> unit.end() - unit.start()).sum();
    return Math.max(least, Math.min(MAX_SPLIT_BYTES, total / AIMED_SPLITS));
  }

  /**
   * The outcome of planning: the plan, or what keeps it from running.
   *
   * @param suspects first units of files that have invalid lines in them
   */
  public record Planned(
      Plan plan, long invalid, List<String> firstInvalid, long ids, List<ScanUnit> suspects) {}

  /** Puts scans together. */
  public static Planned assemble(
      List<FileStore.Entry> files, List<ScanUnit> units, List<byte[]> encodedScans) {
    List<UnitScan> scans =
        encodedScans.stream()
            .map(UnitScanCodec::decode)
            .sorted(Comparator.comparingInt(UnitScan::unit))
            .toList();
    List<Split> splits = new ArrayList<>();
    List<InputFile> inputFiles = new ArrayList<>();
    List<String> firstInvalid = new ArrayList<>();
    ModelRows models = new ModelRows();
    List<ScanUnit> suspects = new ArrayList<>();
    long invalid = 0;
    long ids = 0;
    int next = 0;
    for (int file = 0; file < files.size(); file++) {
      FileStore.Entry entry = files.get(file);
      Digest128 content = new Digest128();
      long line = 1;
      while (next < units.size() && units.get(next).file() == file) {
        UnitScan scan = scans.get(next);
        ScanUnit unit = units.get(next);
        content.add(scan.content().high()).add(scan.content().low());
        for (ScannedSplit split : scan.splits()) {
          if (split.rows() > 0) {
            splits.add(
                new Split(
                    splits.size(),
                    file,
                    unit.path(),
                    split.start(),
                    split.end(),
                    unit.index(),
                    split.unitLine(),
                    line + split.unitLine(),
                    split.lines(),
                    split.rows(),
                    split.invalid(),
                    split.rowSum(),
                    split.tokens()));
          }
        }
        if (unit.start() == 0 && line == 1 && !scan.firstInvalid().isEmpty()) {
          suspects.add(unit);
        }
        for (InvalidLine problem : scan.firstInvalid()) {
          firstInvalid.add(
              "%s:%d: %s (%s)"
                  .formatted(
                      entry.path(), line + problem.unitLine(), problem.message(), problem.code()));
        }
        for (PlannedModel model : scan.models().listed()) {
          models.add(model.name(), model.rows(), file, line + model.line());
        }
        models.addUnlisted(scan.models().unlistedRows());
        invalid += scan.invalid();
        ids += scan.ids();
        line += scan.lines();
        next++;
      }
      inputFiles.add(
          new InputFile(
              file, entry.path(), entry.bytes(), entry.modifiedMillis(), content.finish()));
    }
    if (splits.isEmpty()) {
      throw new BatchException(
          ErrorCode.INVALID_INPUT, "The input has only blank lines: there is no request to send.");
    }
    return new Planned(
        new Plan(inputFiles, splits, Plan.contentOf(inputFiles), models.all()),
        invalid,
        firstInvalid,
        ids,
        suspects);
  }

  /** File and physical line of a place that {@link DuplicateFinder} told of. */
  public static String shown(Plan plan, long place) {
    int unit = (int) (place >>> 32);
    int unitLine = (int) place;
    for (Split split : plan.splits()) {
      if (split.unit() == unit
          && unitLine >= split.unitLine()
          && unitLine < split.unitLine() + split.lines()) {
        return plan.files().get(split.file()).path()
            + ":"
            + (split.firstLine() + unitLine - split.unitLine());
      }
    }
    return "unit " + unit + ", line " + unitLine;
  }
}
