package io.batchinfer.engine.copies;

import io.batchinfer.job.JobFolder;
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

  /** All groups whose leader is in that unit. */
  static List<EqualGroup> of(JobFolder folder, int unit) {
    List<EqualGroup> groups = new ArrayList<>();
    for (FileStore.Entry entry : folder.store().list(folder.equalGroups(unit))) {
      ByteBuffer numbers = ByteBuffer.wrap(folder.store().readAll(entry.path()));
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
