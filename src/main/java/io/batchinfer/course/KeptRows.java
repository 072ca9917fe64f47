package io.batchinfer.course;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchinfer.job.JobFolder;
import io.batchinfer.json.Json;
import io.batchinfer.storage.LocalTasks;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What the rows of all published splits were like, added up. Immutable.
 *
 * @param rows of all of them
 * @param sketchedSplits splits of which that is known
 * @param slowestSplits those that were worked on longest, the slowest first
 */
record KeptRows(RowSketch rows, int sketchedSplits, List<SplitTime> slowestSplits) {
  /** Stores answer many small reads at a time, one after the other slowly. */
  private static final int READS_AT_A_TIME = 16;

  private static final int VERSION = 1;

  /** Adds up what stands in the commits of the splits. */
  static KeptRows ofCommits(JobFolder folder) {
    CourseFolder course = new CourseFolder(folder);
    RowSketch rows = RowSketch.NONE;
    int sketched = 0;
    List<SplitTime> slowest = new ArrayList<>();
    List<Integer> splits = folder.commits().splits();
    List<Optional<SplitSketch>> sketches =
        new LocalTasks(READS_AT_A_TIME).map(splits, course::sketch);
    for (int i = 0; i < splits.size(); i++) {
      if (sketches.get(i).isPresent()) {
        SplitSketch known = sketches.get(i).get();
        sketched++;
        rows = rows.plus(known.rows());
        slowest.add(new SplitTime(splits.get(i), known.rows().rows(), known.millis()));
        if (slowest.size() > 2 * JobCourse.MOST_SPLITS) {
          slowest = slowest(slowest);
        }
      }
    }
    return new KeptRows(rows, sketched, slowest(slowest));
  }

  private static List<SplitTime> slowest(List<SplitTime> all) {
    return new ArrayList<>(
        all.stream()
            .filter(split -> split.millis() > 0)
            .sorted(Comparator.comparingLong(SplitTime::millis).reversed())
            .limit(JobCourse.MOST_SPLITS)
            .toList());
  }

  /**
   * As a file.
   *
   * @param run the run at whose end it is so
   */
  byte[] write(String run) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    node.put("version", VERSION).put("run", run).put("splits", sketchedSplits);
    ArrayNode slow = node.putArray("slowest_splits");
    for (SplitTime split : slowestSplits) {
      slow.addObject()
          .put("split", split.split())
          .put("rows", split.rows())
          .put("ms", split.millis());
    }
    node.set("sketch", SketchJson.node(new SplitSketch(rows, 0)));
    try {
      return Json.MAPPER.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of numbers and texts is always writable", e);
    }
  }

  /**
   * Of a file.
   *
   * @param run of which it is to be the end
   * @return empty where it is of another one, or of another version of the program
   */
  static Optional<KeptRows> parse(byte[] json, String run) throws IOException {
    JsonNode node = Json.MAPPER.readTree(json);
    if (node.path("version").asInt() != VERSION || !node.path("run").asText().equals(run)) {
      return Optional.empty();
    }
    List<SplitTime> slow = new ArrayList<>();
    for (JsonNode split : node.path("slowest_splits")) {
      slow.add(
          new SplitTime(
              split.path("split").asInt(), split.path("rows").asLong(), split.path("ms").asLong()));
    }
    return Optional.of(
        new KeptRows(
            SketchJson.parse(node.path("sketch")).rows(), node.path("splits").asInt(), slow));
  }
}
