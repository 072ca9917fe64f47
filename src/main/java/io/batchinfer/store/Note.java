package io.batchinfer.store;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a command asks the owner of a store to change.
 *
 * @param ids what it is about: the new job, the stored file, the job, or jobs and files
 * @param request the body of a create request in Mistral's form, or null
 */
public record Note(Kind kind, String workspace, List<String> ids, @Nullable String request) {
  public Note {
    ids = List.copyOf(ids);
  }

  /** What is to be done. */
  public enum Kind {
    /** Make a job of the request. */
    CREATE,
    /** Take in a file that is stored already. */
    FILE,
    /** Ask for the end of a job. */
    CANCEL,
    /** Delete a job that is over. */
    DELETE,
    /** Delete those jobs that are over and those files that no unfinished job needs. */
    PRUNE
  }

  /**
   * How it went.
   *
   * @param code stable name of what stood in the way, or empty where it was done
   * @param message what stood in the way, in words
   * @param kept what of a {@link Kind#PRUNE} stays
   */
  public record Answer(Optional<String> code, String message, List<String> kept) {
    public Answer {
      kept = List.copyOf(kept);
    }

    /** It was done, but for that. */
    public static Answer done(List<String> kept) {
      return new Answer(Optional.empty(), "", kept);
    }

    public static Answer refused(String code, String message) {
      return new Answer(Optional.of(code), message, List.of());
    }
  }
}
