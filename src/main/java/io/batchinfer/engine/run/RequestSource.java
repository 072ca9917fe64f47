package io.batchinfer.engine.run;

import io.batchinfer.model.Hash128;
import io.batchinfer.model.Plan;
import io.batchinfer.storage.FileStore;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Where a job's requests come from. Whatever they are there, a job is planned over files of lines;
 * what is not such a file already is written as one, once, before the first call, since it may read
 * differently the next time. Used by the run's own thread only.
 */
public interface RequestSource {
  /**
   * Looks at what there is, without reading it.
   *
   * @param notices takes sentences for the user
   * @throws io.batchinfer.model.BatchException where there is nothing to read
   */
  void open(Consumer<String> notices);

  /**
   * Whether it holds the requests that the plan was made from. May read all of them.
   *
   * @param contentOf the hash that a plan over given files would have
   */
  boolean holds(Plan saved, Function<List<FileStore.Entry>, Hash128> contentOf);

  /** After {@link #holds} was false: what differs, and what a user can do. */
  String difference();

  /**
   * The requests as files. What is written for that counts only from {@link Lines#keep} on; nothing
   * of a former job is touched.
   */
  Lines lines();

  /** Called when every row has its outcome and the output is proven. */
  void finished();

  /** Files of lines, plain or compressed, over which a job is planned. */
  interface Lines {
    List<FileStore.Entry> files();

    /** Folder below the plan's that holds them, spared when a former job is withdrawn. */
    default Optional<String> folder() {
      return Optional.empty();
    }

    /** They are the job's requests from now on; a former job's are gone. */
    default void keep() {}
  }
}
