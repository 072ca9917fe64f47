package io.batchinfer.service;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/** Times as clients write them. */
final class Timestamps {
  private Timestamps() {}

  /**
   * UNIX milliseconds of an ISO 8601 time. One without a zone is in UTC, as Python's clients send
   * it; a date is its midnight.
   */
  static long millis(String text) {
    // A plus that was not escaped in a query has become a space.
    String time = text.strip().replace(' ', text.contains("T") ? '+' : 'T');
    try {
      if (time.length() <= 10) {
        return LocalDate.parse(time).atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
      }
      boolean zoned = time.endsWith("Z") || time.matches(".*[+-]\\d\\d:?\\d\\d$");
      Instant instant =
          zoned
              ? OffsetDateTime.parse(time).toInstant()
              : LocalDateTime.parse(time).toInstant(ZoneOffset.UTC);
      return instant.toEpochMilli();
    } catch (DateTimeException | ArithmeticException e) {
      throw Queries.wrong("created_after", text, "a time such as 2026-01-31T12:00:00Z");
    }
  }
}
