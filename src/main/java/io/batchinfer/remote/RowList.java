package io.batchinfer.remote;

import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.StorageException;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The rows of one split that a round asks for, each with its endpoint and model: what the batches
 * of the round are made of, whatever is journalled meanwhile. Not thread-safe.
 */
public final class RowList {
  private final Map<Target, Integer> numbers = new LinkedHashMap<>();
  private final List<Target> targets = new ArrayList<>();
  private final List<int[]> rows = new ArrayList<>();

  /**
   * Where a row goes.
   *
   * @param endpoint canonical path
   * @param model or empty
   */
  record Target(String endpoint, String model) {}

  /**
   * Adds the next row.
   *
   * @param line in the split, larger than any before
   */
  public void add(int line, String endpoint, String model) {
    Target target = new Target(endpoint, model);
    int number =
        numbers.computeIfAbsent(
            target,
            added -> {
              targets.add(added);
              return targets.size() - 1;
            });
    rows.add(new int[] {line, number});
  }

  /** The lines of a piece that go to that endpoint and model; any model where it is empty. */
  public int[] lines(Piece piece, String endpoint, String model) {
    return rows.stream()
        .filter(row -> row[0] >= piece.from() && row[0] < piece.to())
        .filter(
            row -> {
              Target target = targets.get(row[1]);
              return target.endpoint().equals(endpoint)
                  && (model.isEmpty() || target.model().equals(model));
            })
        .mapToInt(row -> row[0])
        .toArray();
  }

  /** Writes it, all or nothing. */
  public void write(RemoteFolder folder, int round, int split) {
    String path = folder.rows(round, split);
    FileStore store = folder.store();
    String temporary = folder.temporary(path);
    try (DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(store.create(temporary)))) {
      out.writeInt(targets.size());
      for (Target target : targets) {
        out.writeUTF(target.endpoint());
        out.writeUTF(target.model());
      }
      out.writeInt(rows.size());
      for (int[] row : rows) {
        out.writeInt(row[0]);
        out.writeInt(row[1]);
      }
    } catch (IOException e) {
      throw new StorageException("Cannot write \"" + path + "\"", e);
    }
    store.publish(temporary, path);
  }

  /** Reads what {@link #write} wrote. */
  public static RowList read(RemoteFolder folder, int round, int split) {
    String path = folder.rows(round, split);
    RowList list = new RowList();
    try (DataInputStream in =
        new DataInputStream(new ByteArrayInputStream(folder.store().readAll(path)))) {
      List<Target> all = new ArrayList<>();
      for (int left = in.readInt(); left > 0; left--) {
        all.add(new Target(in.readUTF(), in.readUTF()));
      }
      for (int left = in.readInt(); left > 0; left--) {
        int line = in.readInt();
        Target target = all.get(in.readInt());
        list.add(line, target.endpoint(), target.model());
      }
      return list;
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + path + "\"", e);
    }
  }
}
