package io.batchinfer.spark;

import io.batchinfer.engine.lead.Reopenings;
import io.batchinfer.job.JobFolder;
import io.batchinfer.job.JobJson;
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
import org.apache.spark.api.java.JavaSparkContext;

/** Reads the error parts of published splits for rows that run again, as a Spark job. */
final class ReopenScan {
  private static final int SPLITS_PER_TASK = 8;

  private ReopenScan() {}

  /** The splits among the candidates that have such rows. */
  static SortedMap<Integer, ReopenedSplit> of(
      JavaSparkContext context,
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
    int tasks = (candidates.size() + SPLITS_PER_TASK - 1) / SPLITS_PER_TASK;
    List<String> found;
    try (JobLabel label = JobLabel.of(context, root, "look for rows that run again")) {
      found =
          context
              .parallelize(candidates, tasks)
              .mapPartitions(
                  numbers -> {
                    JobFolder folder = TaskFiles.folder(root);
                    Plan plan = folder.readPlan().orElseThrow();
                    RowKey keys = new RowKey(Hash128.ofHex(job));
                    List<String> told = new ArrayList<>();
                    while (numbers.hasNext()) {
                      int number = numbers.next();
                      Optional<byte[]> split =
                          Reopenings.examine(folder, plan, keys, number, again, epoch);
                      split.ifPresent(
                          json ->
                              told.add(number + "\t" + new String(json, StandardCharsets.UTF_8)));
                    }
                    return told.iterator();
                  })
              .collect();
    }
    for (String one : found) {
      int tab = one.indexOf('\t');
      try {
        reopened.put(
            Integer.valueOf(one.substring(0, tab)),
            JobJson.parseReopenedSplit(one.substring(tab + 1).getBytes(StandardCharsets.UTF_8)));
      } catch (IOException e) {
        throw new StorageException("Cannot read what a task found in the errors", e);
      }
    }
    return reopened;
  }
}
