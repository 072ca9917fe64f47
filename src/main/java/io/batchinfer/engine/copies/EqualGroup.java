package io.batchinfer.engine.copies;

import io.batchinfer.storage.FileStore;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A row and those that are equal to it and come later.
 *
 * @param leader a row's line in its scan unit, from 0
 * @param first whether no other row is equal to it and comes before
 * @param followers the rows that are equal to it, in input order
 */
record EqualGroup(int leader, boolean first, List<Place> followers) {
  EqualGroup {
    followers = List.copyOf(followers);
  }

  /**
   * Where a row stands.
   *
   * @param unit number of its scan unit
   * @param line in that unit, from 0
   */
  record Place(int unit, int line) {}

  /** All groups in the files of a folder, which is absent where there are none. */
  static List<EqualGroup> in(FileStore store, String folder) {
    List<EqualGroup> groups = new ArrayList<>();
    for (FileStore.Entry entry : store.list(folder)) {
      ByteBuffer numbers = ByteBuffer.wrap(store.readAll(entry.path()));
      while (numbers.hasRemaining()) {
        int leader = numbers.getInt();
        int told = numbers.getInt();
        List<Place> followers = new ArrayList<>(Math.abs(told));
        for (int i = 0; i < Math.abs(told); i++) {
          followers.add(new Place(numbers.getInt(), numbers.getInt()));
        }
        groups.add(new EqualGroup(leader, told > 0, followers));
      }
    }
    return groups;
  }
}
