package io.batchinfer.store;

import io.batchinfer.storage.FileStore;

/**
 * What a folder takes and when something in it changed last.
 *
 * @param modifiedMillis of the newest file, of the folder itself where it is empty; 0 where the
 *     filesystem does not say
 */
record Footprint(long bytes, long modifiedMillis) {
  private static final Footprint NOTHING = new Footprint(0, 0);

  static Footprint of(FileStore store, String folder) {
    Footprint inside = inside(store, folder);
    return inside.modifiedMillis > 0
        ? inside
        : new Footprint(
            inside.bytes, store.find(folder).map(FileStore.Entry::modifiedMillis).orElse(0L));
  }

  private static Footprint inside(FileStore store, String folder) {
    Footprint sum = NOTHING;
    for (FileStore.Entry entry : store.list(folder)) {
      Footprint each =
          entry.folder()
              ? inside(store, entry.path())
              : new Footprint(entry.bytes(), entry.modifiedMillis());
      sum =
          new Footprint(sum.bytes + each.bytes, Math.max(sum.modifiedMillis, each.modifiedMillis));
    }
    return sum;
  }
}
