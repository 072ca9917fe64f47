package io.batchinfer.storage;

/**
 * What a store can do beyond what every output needs.
 *
 * @param createsIfAbsent whether it refuses, when asked to, to replace a file at the moment that
 *     the new one appears
 * @param renamesInPlace whether a rename takes as long for a large file as for a small one; others
 *     copy
 * @param abandons whether a file that was begun can be thrown away before it appears
 */
public record StoreTraits(boolean createsIfAbsent, boolean renamesInPlace, boolean abandons) {
  static final StoreTraits FILESYSTEM = new StoreTraits(true, true, true);

  StoreTraits withCreatesIfAbsent(boolean tried) {
    return new StoreTraits(tried, renamesInPlace, abandons);
  }

  /** As part of a sentence, after what the store is. */
  public String words() {
    return "%s, renames by %s, %s"
        .formatted(
            createsIfAbsent
                ? "creates only where nothing is"
                : "cannot create only where nothing is",
            renamesInPlace ? "one step" : "copying",
            abandons ? "throws away what is not finished" : "keeps what is not finished in memory");
  }
}
