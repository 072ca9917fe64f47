package io.batchinfer.journal;

/**
 * Where one split's entries of one flush stand.
 *
 * @param segment file name of the segment
 * @param order place in time among the ranges of a split: larger is newer
 * @param offset first byte of the entries
 * @param length bytes of the entries
 * @param count entries
 * @param crc CRC-32C of the bytes
 */
public record SegmentRange(
    String segment, int split, long order, long offset, int length, int count, int crc) {}
