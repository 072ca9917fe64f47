package io.batchinfer.engine.run;

import io.batchinfer.config.Dedupe;
import io.batchinfer.engine.RunSpec;
import io.batchinfer.engine.copies.EqualRowFinder;
import io.batchinfer.engine.copies.HashBucket;
import io.batchinfer.engine.plan.DuplicateFinder;
import io.batchinfer.engine.plan.InputForms;
import io.batchinfer.engine.plan.PlanBuilder;
import io.batchinfer.engine.plan.PlanBuilder.Planned;
import io.batchinfer.engine.plan.ScanUnit;
import io.batchinfer.engine.plan.Transcoder;
import io.batchinfer.engine.plan.UnitScanner;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.Amount;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.EqualRowCounts;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.InputFile;
import io.batchinfer.model.Plan;
import io.batchinfer.model.Split;
import io.batchinfer.storage.Compression;
import io.batchinfer.storage.FileStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Has the planning functions done on a cluster: unpack, scan, find duplicates. */
final class Planning {
  private final Cluster cluster;
  private final Map<String, String> options;
  private final String root;
  private final String planName;
  private final JobFolder folder;
  private final long leastSplitBytes;

  Planning(Cluster cluster, RunSpec spec, String planName, JobFolder folder, long leastSplitBytes) {
    this.cluster = cluster;
    this.options = new HashMap<>(spec.optionStrings());
    this.root = spec.root();
    this.planName = planName;
    this.folder = folder;
    this.leastSplitBytes = leastSplitBytes;
  }

  /**
   * A plan and what is wrong with its lines.
   *
   * @param duplicates rows whose custom_id an earlier row has
   * @param shown the first invalid lines, as messages list them
   * @param forms files that hold no lines at all
   */
  record Result(Plan plan, long invalid, long duplicates, List<String> shown, InputForms forms) {}

  Result plan(List<FileStore.Entry> files) {
    List<ScanUnit> units = PlanBuilder.units(files, unpack(packed(files)));
    long splitBytes = PlanBuilder.splitBytes(units, leastSplitBytes);
    Planned planned = PlanBuilder.assemble(files, units, scan(units, splitBytes));
    List<long[]> told = findDuplicates(units.size(), planned.ids());
    List<String> shown = new ArrayList<>(planned.firstInvalid());
    long duplicates = 0;
    for (long[] bucket : told) {
      duplicates += bucket[0];
      for (int i = 1; i < bucket.length; i++) {
        shown.add(
            PlanBuilder.shown(planned.plan(), bucket[i])
                + ": an earlier row has the same custom_id (duplicate_custom_id)");
      }
    }
    folder.store().delete(folder.ids());
    return new Result(
        planned.plan(),
        planned.invalid() + duplicates,
        duplicates,
        shown,
        InputForms.of(folder.store(), files, planned.suspects()));
  }

  /**
   * Unpacks files again whose plain copies were deleted when the job was finished.
   *
   * @param splits splits that are to be read
   * @throws BatchException where the copies are not those of the plan
   */
  void restage(Plan saved, Set<Integer> splits) {
    SortedMap<Integer, String> missing = new TreeMap<>();
    Set<String> looked = new HashSet<>();
    for (int number : splits) {
      Split split = saved.splits().get(number);
      InputFile input = saved.files().get(split.file());
      if (!split.path().equals(input.path())
          && looked.add(split.path())
          && folder.store().find(split.path()).isEmpty()) {
        missing.put(split.file(), input.path());
      }
    }
    Map<String, Long> written = new HashMap<>();
    for (List<String> pieces : unpack(missing).values()) {
      for (String piece : pieces) {
        int tab = piece.indexOf('\t');
        written.put(piece.substring(0, tab), Long.parseLong(piece.substring(tab + 1)));
      }
    }
    for (Split split : saved.splits()) {
      if (missing.containsKey(split.file())
          && written.getOrDefault(split.path(), 0L) < split.end()) {
        throw new BatchException(
            ErrorCode.OUTPUT_MISMATCH,
            "The input file \"%s\" does not unpack to what the job was planned from. Put it back as it was."
                .formatted(saved.files().get(split.file()).path()));
      }
    }
  }

  private TaskLabel label(String what) {
    return new TaskLabel(root, "plan, " + what);
  }

  /** The plan, with its equal rows found and written down beside it. */
  Plan withEqualRows(Plan planned, Dedupe dedupe) {
    int units = planned.splits().get(planned.splits().size() - 1).unit() + 1;
    List<HashBucket> buckets = HashBucket.forRows(planned.rows());
    String jobRoot = root;
    String plan = planName;
    return planned.withEqualRows(
        cluster
            .map(
                label("find equal rows"),
                buckets,
                (bucket, here) ->
                    new EqualRowFinder(here.folder(jobRoot, plan), dedupe).find(bucket, units))
            .stream()
            .reduce(EqualRowCounts::plus)
            .orElseThrow());
  }

  private static SortedMap<Integer, String> packed(List<FileStore.Entry> files) {
    SortedMap<Integer, String> packed = new TreeMap<>();
    for (int file = 0; file < files.size(); file++) {
      if (Compression.ofName(files.get(file).path()) != Compression.NONE) {
        packed.put(file, files.get(file).path());
      }
    }
    return packed;
  }

  /** Pieces of compressed files, {@code path\tbytes} each, by file number. */
  private Map<Integer, List<String>> unpack(SortedMap<Integer, String> files) {
    List<String> packed = new ArrayList<>();
    files.forEach((file, path) -> packed.add(file + "\t" + path));
    Map<Integer, List<String>> pieces = new HashMap<>();
    if (packed.isEmpty()) {
      return pieces;
    }
    String jobRoot = root;
    String plan = planName;
    List<String> told =
        cluster.map(
            label("unpack " + Amount.of(packed.size(), "file")),
            packed,
            (entry, here) -> {
              int tab = entry.indexOf('\t');
              Transcoder transcoder = new Transcoder(here.folder(jobRoot, plan));
              List<String> written =
                  transcoder.transcode(
                      Integer.parseInt(entry.substring(0, tab)), entry.substring(tab + 1));
              return entry.substring(0, tab) + "\n" + String.join("\n", written);
            });
    for (String one : told) {
      String[] lines = one.split("\n", -1);
      List<String> written = new ArrayList<>();
      for (int i = 1; i < lines.length; i++) {
        if (!lines[i].isEmpty()) {
          written.add(lines[i]);
        }
      }
      pieces.put(Integer.parseInt(lines[0]), written);
    }
    return pieces;
  }

  private List<byte[]> scan(List<ScanUnit> units, long splitBytes) {
    Map<String, String> optionStrings = options;
    String jobRoot = root;
    String plan = planName;
    return cluster.map(
        label("read " + Amount.of(units.size(), "part") + " of the input"),
        units,
        (unit, here) -> {
          RunSpec spec = RunSpec.ofStrings(optionStrings, "0".repeat(32), jobRoot);
          return new UnitScanner(here.folder(jobRoot, plan), spec, splitBytes).scan(unit);
        });
  }

  private List<long[]> findDuplicates(int units, long ids) {
    int buckets = DuplicateFinder.buckets(ids);
    List<Integer> numbers = new ArrayList<>();
    for (int bucket = 0; bucket < buckets; bucket++) {
      numbers.add(bucket);
    }
    String jobRoot = root;
    String plan = planName;
    return cluster.map(
        label("look for equal ids among " + Amount.of(ids, "row")),
        numbers,
        (bucket, here) ->
            new DuplicateFinder(here.folder(jobRoot, plan)).find(bucket, buckets, units));
  }
}
