package io.batchinfer.job;

import io.batchinfer.model.PartCounts;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The files that mark splits as published, one for each of them. Thread-safe. */
public final class CommitMarkers {
  private final FileStore store;
  private final String folder;

  CommitMarkers(FileStore store, String folder) {
    this.store = store;
    this.folder = folder;
  }

  /** Where they are. */
  public String folder() {
    return folder;
  }

  /** Marks a split's parts as published. */
  public void write(int split, PartCounts part) {
    store.replace(path(split), PartCountsJson.write(part));
  }

  /**
   * Marks a split's parts as published.
   *
   * @param rows what its rows were like, as one JSON object
   */
  public void write(int split, PartCounts part, byte[] rows) {
    store.replace(path(split), PartCountsJson.write(part, rows));
  }

  /**
   * What a split's rows were like, as one JSON object; empty where the split is not published, or
   * by a version of the program that kept nothing of them.
   */
  public Optional<byte[]> readRows(int split) {
    if (store.find(path(split)).isEmpty()) {
      return Optional.empty();
    }
    try {
      return PartCountsJson.rows(store.readAll(path(split)));
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + path(split) + "\"", e);
    }
  }

  /** What a split's parts count; empty where it is not published. */
  public Optional<PartCounts> read(int split) {
    if (store.find(path(split)).isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(PartCountsJson.parse(store.readAll(path(split))));
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + path(split) + "\"", e);
    }
  }

  public void delete(int split) {
    store.delete(path(split));
  }

  /** Splits whose parts are published. */
  public List<Integer> splits() {
    return List.copyOf(published().keySet());
  }

  /**
   * Splits whose parts are published, by number, each with the time at which that was marked, in
   * milliseconds by the store's clock: another one where the parts were published again.
   */
  public SortedMap<Integer, Long> published() {
    SortedMap<Integer, Long> published = new TreeMap<>();
    for (FileStore.Entry entry : store.list(folder)) {
      if (entry.name().matches("split-\\d+\\.json")) {
        published.put(Integer.valueOf(entry.name().replaceAll("\\D", "")), entry.modifiedMillis());
      }
    }
    return published;
  }

  private String path(int split) {
    return folder + "/split-%05d.json".formatted(split);
  }
}
