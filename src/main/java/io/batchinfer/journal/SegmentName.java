package io.batchinfer.journal;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Name of a segment file: the owner's epoch, the writing process, and a number that grows.
 *
 * @param writer name of the executor process, unique among all runs
 */
public record SegmentName(long epoch, String writer, int number)
    implements Comparable<SegmentName> {
  private static final Pattern FORM = Pattern.compile("e(\\d{8})-([0-9a-z]+)-(\\d{8})\\.segment");

  /** What {@link #next} makes the first name of a writer of. */
  static SegmentName beforeFirst(long epoch, String writer) {
    return new SegmentName(epoch, writer, -1);
  }

  /** The writer's next segment. */
  SegmentName next() {
    return new SegmentName(epoch, writer, number + 1);
  }

  public String fileName() {
    return "e%08d-%s-%08d.segment".formatted(epoch, writer, number);
  }

  public static Optional<SegmentName> parse(String fileName) {
    Matcher matcher = FORM.matcher(fileName);
    return matcher.matches()
        ? Optional.of(
            new SegmentName(
                Long.parseLong(matcher.group(1)),
                matcher.group(2),
                Integer.parseInt(matcher.group(3))))
        : Optional.empty();
  }

  /** Whether neither of both is the older one by its name. */
  boolean isOfTheTimeOf(SegmentName other) {
    return epoch == other.epoch && number == other.number;
  }

  /** Later epochs last: the newest outcome of a row wins. */
  @Override
  public int compareTo(SegmentName other) {
    int byEpoch = Long.compare(epoch, other.epoch);
    if (byEpoch != 0) {
      return byEpoch;
    }
    int byNumber = Integer.compare(number, other.number);
    return byNumber != 0 ? byNumber : writer.compareTo(other.writer);
  }
}
