package io.batchinfer.service;

/**
 * What callers may make the service hold in memory.
 *
 * @param bodies bodies that are not uploads, while they come in and are worked on
 * @param uploads what has come of uploads and is not written yet
 * @param reports reports of jobs from when they are made until the client has them
 * @param trees JSON bodies as trees of values, which take up many times their bytes
 */
record HeapShares(HeapShare bodies, HeapShare uploads, HeapShare reports, HeapShare trees) {
  /** Shares of so many bytes of heap. */
  static HeapShares of(long heap) {
    return new HeapShares(
        new HeapShare(heap / 8),
        new HeapShare(heap / 8),
        new HeapShare(heap / 16),
        new HeapShare(heap / 4));
  }
}
