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
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Tuple2;

/**
 * Rows without a key that ask the same are told apart by a number. Which of them has which does not
 * matter, since they are equal; that the same table always gives the same names does.
 *
 * <p>Spark sorts all rows by what they ask, so that equal ones come one after the other, and those
 * that get another name by where they stand. No task holds more than a row, however large a part is
 * and however many rows are equal.
 */
final class EqualRows {
  private EqualRows() {}

  /** Parts in which every row's name is its own; those that had no equal rows are as they were. */
  static List<StagedPart> numbered(JavaSparkContext context, List<StagedPart> parts) {
    if (parts.isEmpty()) {
      return parts;
    }
    List<Tuple2<Integer, StagedPart>> indexed = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      indexed.add(new Tuple2<>(i, parts.get(i)));
    }
    RowPlace.Spread spread = new RowPlace.Spread(parts.size());
    JavaPairRDD<byte[], Long> renamed =
        context
            .parallelize(indexed, indexed.size())
            .mapPartitionsToPair(files -> places(files.next()))
            .repartitionAndSortWithinPartitions(spread, RowPlace.Order.OF_BYTES)
            .mapPartitionsToPair(LaterEquals::new)
            .repartitionAndSortWithinPartitions(spread, RowPlace.Order.OF_BYTES);
    JavaRDD<StagedPart> files = context.parallelize(parts, parts.size());
    return files
        .zipPartitions(
            renamed.map(row -> new Renamed(RowPlace.row(row._1()), row._2())),
            (part, rows) -> {
              StagedPart staged = part.next();
              return List.of(rows.hasNext() ? renumber(TaskFiles.stores(), staged, rows) : staged)
                  .iterator();
            })
        .collect();
  }

  /** A row of a part and its number among its equals. */
  private record Renamed(long row, long ordinal) {}

  private static Iterator<Tuple2<byte[], Long>> places(Tuple2<Integer, StagedPart> part) {
    HashFile hashes = HashFile.of(part._2());
    return new Iterator<>() {
      private long row;

      @Override
      public boolean hasNext() {
        return hashes.hasNext();
      }

      @Override
      public Tuple2<byte[], Long> next() {
        return new Tuple2<>(RowPlace.of(hashes.next().request(), part._1(), row++), 0L);
      }
    };
  }

  private static StagedPart renumber(FileStore store, StagedPart part, Iterator<Renamed> renamed) {
    String path =
        part.path()
            .replaceFirst(
                "\\.jsonl$", "-numbered-%d.jsonl".formatted(TaskContext.get().taskAttemptId()));
    long bytes = 0;
    HashFile hashes = HashFile.of(part);
    try (InputStream in = store.open(part.path(), 0);
        LineReader lines = new LineReader(in, 0, Integer.MAX_VALUE - 64);
        OutputStream out = new BufferedOutputStream(store.create(path), 1 << 16)) {
      Renamed next = renamed.next();
      for (long row = 0; hashes.hasNext(); row++) {
        boolean isNext = next.row() == row;
        bytes += copy(lines, out, hashes.next().request(), isNext ? next.ordinal() : 0);
        if (isNext && renamed.hasNext()) {
          next = renamed.next();
        }
      }
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
    return new StagedPart(part.partition(), path, bytes, part.sum());
  }

  /** Copies a line under the name that it is to have; returns its bytes. */
  private static int copy(LineReader lines, OutputStream out, Hash128 request, long ordinal)
      throws IOException {
    if (!lines.next()) {
      throw new IOException("there are fewer lines than rows");
    }
    byte[] before = beginning(request, 0);
    byte[] after = ordinal == 0 ? before : beginning(request, ordinal);
    out.write(after);
    out.write(lines.bytes(), lines.start() + before.length, lines.length() - before.length);
    out.write('\n');
    return after.length + lines.length() - before.length + 1;
  }

  private static byte[] beginning(Hash128 request, long ordinal) {
    return ("{\"custom_id\":\"" + PartWriter.idOf(request, ordinal))
        .getBytes(StandardCharsets.US_ASCII);
  }
}
