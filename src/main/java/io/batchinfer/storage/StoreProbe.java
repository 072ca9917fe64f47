package io.batchinfer.storage;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;

/**
 * Finds out with a dozen calls or so, before anything is paid for, whether a store keeps what an
 * output rests on: what was written is listed and read at once, by its newest content, and what was
 * deleted or never finished is not.
 */
public final class StoreProbe {
  private static final byte[] FIRST = "1".getBytes(StandardCharsets.UTF_8);
  private static final byte[] SECOND = "22".getBytes(StandardCharsets.UTF_8);
  private static final byte[] UNWANTED = "333".getBytes(StandardCharsets.UTF_8);

  private StoreProbe() {}

  /**
   * Tries it in a folder of its own, which is gone afterwards. Nothing is tried on this machine's
   * disks and on HDFS, which are known.
   *
   * @param output the output folder, qualified
   * @throws BatchException with {@link ErrorCode#USAGE} where an output is not safe there
   * @throws StorageException where it cannot be written
   */
  public static void check(FileStore store, String output) {
    StoreTraits unused = probed(store, output, false);
  }

  /**
   * The same, and says what else the store can do. Hadoop logs a create that the store refuses as a
   * failure, so a run does not try that.
   */
  public static StoreTraits traits(FileStore store, String output) {
    return probed(store, output, true);
  }

  private static StoreTraits probed(FileStore store, String output, boolean all) {
    if (store.syncsBeforeClose(output)) {
      return StoreTraits.FILESYSTEM;
    }
    String folder = output.replaceFirst("/+$", "") + "/_journal/probe-" + UUID.randomUUID();
    try {
      StoreTraits traits = tried(store, output, folder, all);
      store.delete(folder);
      return traits;
    } catch (BatchException unsafe) {
      store.delete(folder);
      throw unsafe;
    }
  }

  private static StoreTraits tried(FileStore store, String output, String folder, boolean all) {
    store.replace(folder + "/a", FIRST);
    boolean createsIfAbsent = all && createsIfAbsent(store, folder + "/b");
    if (!createsIfAbsent) {
      store.replace(folder + "/b", FIRST);
    }
    StoreTraits traits = store.traits(folder).withCreatesIfAbsent(createsIfAbsent);
    List<String> listed = names(store, folder);
    if (!listed.containsAll(List.of("a", "b"))) {
      throw unsafe(output, "does not list a file at once that was written", listed);
    }
    if (listed.size() > 2) {
      throw unsafe(output, "shows a file that was never finished", listed);
    }
    store.replace(folder + "/a", SECOND);
    if (store.readAll(folder + "/a").length != SECOND.length) {
      throw unsafe(output, "shows the old content of a file that was replaced", listed);
    }
    store.delete(folder + "/b");
    listed = names(store, folder);
    if (!listed.equals(List.of("a"))) {
      throw unsafe(output, "still lists a file that was deleted", listed);
    }
    return traits;
  }

  private static boolean createsIfAbsent(FileStore store, String path) {
    return store.createIfAbsent(path, FIRST) == Creation.DONE
        && store.createIfAbsent(path, UNWANTED) == Creation.REFUSED;
  }

  private static List<String> names(FileStore store, String folder) {
    return store.list(folder).stream().map(FileStore.Entry::name).toList();
  }

  private static BatchException unsafe(String output, String what, List<String> listed) {
    return new BatchException(
        ErrorCode.USAGE,
        "The store of the output \"%s\" %s (it listed %s): two runs could then take it for theirs, and answers be lost. Give an --output on another store, or turn off what caches its listings."
            .formatted(output, what, listed));
  }
}
