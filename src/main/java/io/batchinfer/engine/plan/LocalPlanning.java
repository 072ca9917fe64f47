package io.batchinfer.engine.plan;

import io.batchinfer.config.SavingOptions;
import io.batchinfer.engine.RunSpec;
import io.batchinfer.engine.copies.EqualRowFinder;
import io.batchinfer.engine.copies.HashBucket;
import io.batchinfer.engine.plan.PlanBuilder.Planned;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.EqualRowCounts;
import io.batchinfer.model.Plan;
import io.batchinfer.storage.Compression;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.LocalTasks;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Runs the planning functions on threads of this process: unpack, scan, find duplicates. */
final class LocalPlanning {
  private final JobFolder folder;
  private final RunSpec spec;
  private final LocalTasks tasks;
  private final long leastSplitBytes;

  LocalPlanning(JobFolder folder, RunSpec spec, LocalTasks tasks, long leastSplitBytes) {
    this.folder = folder;
    this.spec = spec;
    this.tasks = tasks;
    this.leastSplitBytes = leastSplitBytes;
  }

  /**
   * A plan and what is wrong with its lines.
   *
   * @param invalid rows that can never be sent, duplicates included
   * @param duplicates rows whose custom_id an earlier row has
   * @param shown the first invalid lines, as messages list them
   * @param forms files that hold no lines at all
   */
  record Result(Plan plan, long invalid, long duplicates, List<String> shown, InputForms forms) {}

  Result plan(List<FileStore.Entry> files) {
    List<ScanUnit> units = PlanBuilder.units(files, unpack(files));
    UnitScanner scanner =
        new UnitScanner(folder, spec, PlanBuilder.splitBytes(units, leastSplitBytes));
    Planned planned = PlanBuilder.assemble(files, units, tasks.map(units, scanner::scan));
    int buckets = DuplicateFinder.buckets(planned.ids());
    DuplicateFinder finder = new DuplicateFinder(folder);
    List<String> shown = new ArrayList<>(planned.firstInvalid());
    long duplicates = 0;
    // One bucket at a time: memory is for one.
    for (int bucket = 0; bucket < buckets; bucket++) {
      long[] told = finder.find(bucket, buckets, units.size());
      duplicates += told[0];
      for (int i = 1; i < told.length; i++) {
        shown.add(
            PlanBuilder.shown(planned.plan(), told[i])
                + ": an earlier row has the same custom_id (duplicate_custom_id)");
      }
    }
    return new Result(
        planned.plan().withEqualRows(equalRows(planned.plan(), units.size())),
        planned.invalid() + duplicates,
        duplicates,
        shown,
        InputForms.of(folder.store(), files, planned.suspects()));
  }

  private EqualRowCounts equalRows(Plan plan, int units) {
    EqualRowFinder finder = new EqualRowFinder(folder, spec.options().get(SavingOptions.DEDUPE));
    return HashBucket.forRows(plan.rows()).stream()
        .map(bucket -> finder.find(bucket, units))
        .reduce(EqualRowCounts.NONE, EqualRowCounts::plus);
  }

  private Map<Integer, List<String>> unpack(List<FileStore.Entry> files) {
    List<Integer> packed =
        IntStream.range(0, files.size())
            .filter(file -> Compression.ofName(files.get(file).path()) != Compression.NONE)
            .boxed()
            .toList();
    Transcoder transcoder = new Transcoder(folder);
    List<List<String>> pieces =
        tasks.map(packed, file -> transcoder.transcode(file, files.get(file).path()));
    Map<Integer, List<String>> byFile = new HashMap<>();
    for (int i = 0; i < packed.size(); i++) {
      byFile.put(packed.get(i), pieces.get(i));
    }
    return byFile;
  }
}
