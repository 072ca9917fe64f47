package io.batchinfer.service;

import io.batchinfer.api.ApiError;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The part of a file that a client wants.
 *
 * @param first offset of its first byte
 * @param length its bytes
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#name-range-requests">RFC 9110, 14</a>
 */
record ByteRange(long first, long length) {
  private static final Pattern SINGLE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

  /**
   * The range that a header asks for; empty where it asks for none or for several, which a server
   * may answer with everything.
   *
   * @throws ApiError 416 where the file has no such bytes
   */
  static Optional<ByteRange> parse(String header, long bytes) {
    Matcher range = SINGLE.matcher(header.strip());
    if (!range.matches() || (range.group(1).isEmpty() && range.group(2).isEmpty())) {
      return Optional.empty();
    }
    if (range.group(1).isEmpty()) {
      long suffix = Math.min(bytes, Long.parseLong(range.group(2)));
      return satisfiable(bytes - suffix, suffix, header, bytes);
    }
    long first = Long.parseLong(range.group(1));
    long last =
        range.group(2).isEmpty() ? bytes - 1 : Math.min(bytes - 1, Long.parseLong(range.group(2)));
    if (!range.group(2).isEmpty() && Long.parseLong(range.group(2)) < first) {
      return Optional.empty();
    }
    return satisfiable(first, last - first + 1, header, bytes);
  }

  private static Optional<ByteRange> satisfiable(
      long first, long length, String header, long bytes) {
    if (length <= 0 || first >= bytes) {
      throw new ApiError(
          416,
          "invalid_request_error",
          null,
          "range_not_satisfiable",
          "The range \"%s\" is outside of the file's %,d bytes.".formatted(header.strip(), bytes));
    }
    return Optional.of(new ByteRange(first, length));
  }

  /** The Content-Range header of the answer. */
  String header(long bytes) {
    return "bytes " + first + "-" + (first + length - 1) + "/" + bytes;
  }
}
