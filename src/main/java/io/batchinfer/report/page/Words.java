package io.batchinfer.report.page;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Numbers and times as the report says them. */
final class Words {
  private static final DateTimeFormatter MOMENT =
      DateTimeFormatter.ofPattern("d MMM uuuu, HH:mm:ss 'UTC'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);
  private static final double THOUSAND = 1e3;
  private static final double MILLION = 1e6;
  private static final double BILLION = 1e9;
  private static final long BRIEF_FROM = 100_000;
  private static final double MILLIS = 1e3;
  private static final double EXACT_BELOW = 10;
  private static final long MINUTE = 60;
  private static final long HOUR = 3600;
  private static final long DAY = 86_400;
  private static final double LEAST_PERCENT = 0.1;

  private Words() {}

  /** {@code 1,234,567}. */
  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** {@code 980}, {@code 12.3 k}, {@code 1.23 M}: three digits at most. */
  static String brief(double number) {
    double size = Math.abs(number);
    // Just below a step it would be written with four digits.
    if (size < 999.5) {
      return digits(number);
    }
    if (size < 999.5 * THOUSAND) {
      return digits(number / THOUSAND) + " k";
    }
    return size < 999.5 * MILLION
        ? digits(number / MILLION) + " M"
        : digits(number / BILLION) + " G";
  }

  /** The same of a whole number. */
  static String brief(long number) {
    return brief((double) number);
  }

  /** {@code 1,330}, and {@code 133 k} of numbers that are larger than people read exactly. */
  static String tokens(long number) {
    return number < BRIEF_FROM ? count(number) : brief(number);
  }

  /** Three digits, without zeros at the end. */
  private static String digits(double number) {
    double size = Math.abs(number);
    String text =
        String.format(Locale.ROOT, size < 9.995 ? "%.2f" : size < 99.95 ? "%.1f" : "%.0f", number);
    return text.contains(".") ? text.replaceAll("\\.?0+$", "") : text;
  }

  /** {@code 820 ms}, {@code 1.4 s}, {@code 2 min 5 s}. */
  static String millis(double millis) {
    if (millis < 999.5) {
      return digits(millis) + " ms";
    }
    return seconds(millis / MILLIS);
  }

  /** The same of a whole number. */
  static String millis(long millis) {
    return millis((double) millis);
  }

  /** {@code 0.4 s}, {@code 12 s}, {@code 2 min 5 s}, {@code 3 h 12 min}, {@code 2 d 4 h}. */
  static String seconds(double seconds) {
    if (seconds < EXACT_BELOW) {
      return digits(Math.round(seconds * EXACT_BELOW) / EXACT_BELOW) + " s";
    }
    long whole = Math.round(seconds);
    if (whole < MINUTE) {
      return whole + " s";
    }
    if (whole < HOUR) {
      return pair(whole / MINUTE, " min", whole % MINUTE, " s");
    }
    return whole < DAY
        ? pair(whole / HOUR, " h", whole % HOUR / MINUTE, " min")
        : pair(whole / DAY, " d", whole % DAY / HOUR, " h");
  }

  private static String pair(long large, String unit, long small, String smallUnit) {
    return small == 0 ? large + unit : large + unit + " " + small + smallUnit;
  }

  /**
   * {@code 97 %}, and near nothing and all {@code 0.4 %} and {@code 99.6 %}: a share that is
   * neither is never shown as that.
   */
  static String share(double part) {
    double percent = part * 100;
    if (percent > 0 && percent < LEAST_PERCENT) {
      return "< 0.1\u00a0%";
    }
    if (percent > 100 - LEAST_PERCENT && percent < 100) {
      return "> 99.9\u00a0%";
    }
    boolean atAnEnd = percent < EXACT_BELOW || (percent > 100 - EXACT_BELOW && percent < 100);
    return (atAnEnd ? digits(Math.round(percent * 10) / 10.0) : Long.toString(Math.round(percent)))
        + "\u00a0%";
  }

  /** {@code 12.34 USD}; four digits behind the point where it is less than one. */
  static String money(double amount, String currency) {
    return String.format(
        Locale.ROOT, Math.abs(amount) < 1 ? "%,.4f %s" : "%,.2f %s", amount, currency);
  }

  /** {@code 29 Nov 2026, 06:44:51 UTC}. */
  static String moment(Instant time) {
    return MOMENT.format(time);
  }

  /** A position in a drawing. */
  static String at(double position) {
    double rounded = Math.round(position * 100) / 100.0;
    return rounded == Math.rint(rounded) ? Long.toString((long) rounded) : Double.toString(rounded);
  }

  static String percent(double share) {
    return at(share * 100) + "%";
  }
}
