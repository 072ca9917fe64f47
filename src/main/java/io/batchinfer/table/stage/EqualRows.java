package io.batchinfer.table.stage;

import io.batchinfer.model.Hash128;
import io.batchinfer.spark.TaskFiles;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.LineReader;
import io.batchinfer.storage.StorageException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Tuple2;

/**
 * Rows without a key that ask the same are told apart by a number. Which of them has which does not
 * matter, since they are equal; that the same table always gives the same names does.
 */
final class EqualRows {
  private EqualRows() {}

  /** The number of the first of some equal rows in a part. */
  private record First(Hash128 request, long ordinal) implements Serializable {}

  /** Rows of one part that are equal. */
  private record InPart(int part, long rows) implements Serializable {}

  /** Parts in which every row's name is its own; those that had no equal rows are as they were. */
  static List<StagedPart> numbered(JavaSparkContext context, List<StagedPart> parts) {
    if (parts.isEmpty()) {
      return parts;
    }
    List<Tuple2<Integer, StagedPart>> indexed = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      indexed.add(new Tuple2<>(i, parts.get(i)));
    }
    JavaPairRDD<Integer, StagedPart> files = context.parallelizePairs(indexed, indexed.size());
    JavaPairRDD<Integer, First> firsts =
        files
            .flatMapToPair(
                file -> {
                  Map<Hash128, Long> counts = new HashMap<>();
                  HashFile.forEach(
                      TaskFiles.stores(),
                      file._2(),
                      row -> counts.merge(row.request(), 1L, Long::sum));
                  return counts.entrySet().stream()
                      .map(
                          count ->
                              new Tuple2<>(count.getKey(), new InPart(file._1(), count.getValue())))
                      .iterator();
                })
            .groupByKey()
            .flatMapToPair(equal -> firsts(equal._1(), equal._2()).iterator());
    return files
        .cogroup(firsts)
        .map(
            entry -> {
              StagedPart part = entry._2()._1().iterator().next();
              Map<Hash128, Long> next = new HashMap<>();
              entry._2()._2().forEach(first -> next.put(first.request(), first.ordinal()));
              return new Tuple2<>(
                  entry._1(), next.isEmpty() ? part : renumber(TaskFiles.stores(), part, next));
            })
        .collect()
        .stream()
        .sorted(Comparator.comparing(Tuple2::_1))
        .map(Tuple2::_2)
        .toList();
  }

  /** Numbers of the first equal row of each part, where there are several in all. */
  private static List<Tuple2<Integer, First>> firsts(Hash128 request, Iterable<InPart> parts) {
    List<InPart> ordered = new ArrayList<>();
    parts.forEach(ordered::add);
    ordered.sort(Comparator.comparingInt(InPart::part));
    List<Tuple2<Integer, First>> firsts = new ArrayList<>();
    if (ordered.size() == 1 && ordered.get(0).rows() == 1) {
      return firsts;
    }
    long ordinal = 0;
    for (InPart part : ordered) {
      firsts.add(new Tuple2<>(part.part(), new First(request, ordinal)));
      ordinal += part.rows();
    }
    return firsts;
  }

  private static StagedPart renumber(FileStore store, StagedPart part, Map<Hash128, Long> next) {
    String path =
        part.path()
            .replaceFirst(
                "\\.jsonl$", "-numbered-%d.jsonl".formatted(TaskContext.get().taskAttemptId()));
    long[] bytes = {0};
    try (InputStream in = store.open(part.path(), 0);
        LineReader lines = new LineReader(in, 0, Integer.MAX_VALUE - 64);
        OutputStream out = new BufferedOutputStream(store.create(path), 1 << 16)) {
      HashFile.forEach(
          store,
          part,
          row -> {
            try {
              bytes[0] += copy(lines, out, row.request(), next);
            } catch (IOException e) {
              throw new StorageException("Cannot write \"" + path + "\"", e);
            }
          });
    } catch (IOException e) {
      throw new StorageException("Cannot write \"" + path + "\"", e);
    }
    // The hashes tell nothing of names.
    try (InputStream in = store.open(part.hashes(), 0);
        OutputStream out = store.create(StagedPart.hashesOf(path))) {
      in.transferTo(out);
    } catch (IOException e) {
      throw new StorageException("Cannot write \"" + StagedPart.hashesOf(path) + "\"", e);
    }
    return new StagedPart(part.partition(), path, bytes[0], part.sum());
  }

  /** Copies a line, its name changed where the row has equals; returns its bytes. */
  private static int copy(
      LineReader lines, OutputStream out, Hash128 request, Map<Hash128, Long> next)
      throws IOException {
    if (!lines.next()) {
      throw new IOException("there are fewer lines than rows");
    }
    Long ordinal = next.get(request);
    byte[] before =
        ("{\"custom_id\":\"" + PartWriter.idOf(request, 0)).getBytes(StandardCharsets.US_ASCII);
    byte[] after = before;
    if (ordinal != null) {
      next.put(request, ordinal + 1);
      after =
          ("{\"custom_id\":\"" + PartWriter.idOf(request, ordinal))
              .getBytes(StandardCharsets.US_ASCII);
    }
    out.write(after);
    out.write(lines.bytes(), lines.start() + before.length, lines.length() - before.length);
    out.write('\n');
    return after.length + lines.length() - before.length + 1;
  }
}
