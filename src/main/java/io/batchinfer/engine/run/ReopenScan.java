package io.batchinfer.engine.run;

import io.batchinfer.engine.lead.Reopenings;
import io.batchinfer.job.JobFolder;
import io.batchinfer.job.ReopeningJson;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.Plan;
import io.batchinfer.model.ReopenedSplit;
import io.batchinfer.model.RowKey;
import io.batchinfer.model.RowsAgain;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads the error parts of published splits for rows that run again, on a cluster. */
final class ReopenScan {
  private ReopenScan() {}

  /** The splits among the candidates that have such rows. */
  static SortedMap<Integer, ReopenedSplit> of(
      Cluster cluster,
      String root,
      Hash128 jobHash,
      List<Integer> candidates,
      RowsAgain again,
      long epoch) {
    SortedMap<Integer, ReopenedSplit> reopened = new TreeMap<>();
    if (candidates.isEmpty()) {
      return reopened;
    }
    String job = jobHash.hex();
    List<List<String>> found =
        cluster.map(
            new TaskLabel(root, "look for rows that run again"),
            SplitGroups.of(candidates),
            (numbers, here) -> {
              JobFolder folder = here.folder(root);
              Plan plan = folder.readPlan().orElseThrow();
              RowKey keys = new RowKey(Hash128.ofHex(job));
              List<String> told = new ArrayList<>();
              for (int number : numbers) {
                Optional<byte[]> split =
                    Reopenings.examine(folder, plan, keys, number, again, epoch);
                split.ifPresent(
                    json -> told.add(number + "\t" + new String(json, StandardCharsets.UTF_8)));
              }
              return told;
            });
    for (String one : found.stream().flatMap(List::stream).toList()) {
      int tab = one.indexOf('\t');
      try {
        reopened.put(
            Integer.valueOf(one.substring(0, tab)),
            ReopeningJson.parseSplit(one.substring(tab + 1).getBytes(StandardCharsets.UTF_8)));
      } catch (IOException e) {
        throw new StorageException("Cannot read what a task found in the errors", e);
      }
    }
    return reopened;
  }
}
