package io.batchinfer.estimate;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Currency;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * One line of {@code prices.conf}: which models of which provider, and their price. The price is
 * read when it is asked for: a list has thousands of lines, and a run needs a few.
 *
 * @param models a name, a name with {@code *} for any characters, or {@code ~} and a regular
 *     expression of which the name has to hold a match
 * @param columns price, date and source as they stand in the line
 */
record PriceLine(String provider, String models, String columns) {
  /** What a line has to look like, for messages. */
  static final String FORM =
      "write provider:model = input, output, cached input or -, currency, batch discount or -,"
          + " date, source, such as openai:gpt-5 = 1.25, 10.00, 0.125, USD, 0.5, 2025-08-31, OpenAI"
          + " price list; before the date there may be a price per page or per second of audio,"
          + " such as 0.004 per page";

  private static final int COLUMNS = 7;
  private static final int CACHED = 2;
  private static final int UNITS = 5;
  private static final String NONE = "-";
  private static final String PER_PAGE = " per page";
  private static final String PER_SECOND = " per second";
  private static final Pattern CURRENCY = Pattern.compile("[A-Z]{3}");

  /** Empty where the key names no provider; whether the rest can be read is not looked at. */
  static Optional<PriceLine> of(String key, String columns) {
    int colon = key.indexOf(':');
    return colon < 1
        ? Optional.empty()
        : Optional.of(
            new PriceLine(
                key.substring(0, colon).strip(), key.substring(colon + 1).strip(), columns));
  }

  /** Whether all of it can be read. */
  boolean isReadable() {
    try {
      price();
      matcher();
      return true;
    } catch (IllegalArgumentException | DateTimeException e) {
      return false;
    }
  }

  /** Whether it is for the one model of that name. */
  boolean isExact() {
    return !models.startsWith("~") && models.indexOf('*') < 0;
  }

  /** Whether it is for whatever the provider serves. */
  boolean isForAll() {
    return models.equals("*");
  }

  /**
   * What finds the names of its models.
   *
   * @throws PatternSyntaxException if that is no regular expression
   */
  Pattern matcher() {
    return models.startsWith("~")
        ? Pattern.compile(models.substring(1))
        : Pattern.compile("^\\Q" + models.replace("*", "\\E.*\\Q") + "\\E$");
  }

  /** The line itself. */
  String text() {
    return provider + ":" + models + " = " + columns;
  }

  /**
   * What its models cost.
   *
   * @throws IllegalArgumentException if a column is not what it has to be
   * @throws DateTimeException if the date is none
   */
  ModelPrice price() {
    List<String> columns = new ArrayList<>(List.of(this.columns.split(",", -1)));
    columns.replaceAll(String::strip);
    if (columns.size() > CACHED && CURRENCY.matcher(columns.get(CACHED)).matches()) {
      columns.add(CACHED, NONE);
    }
    Optional<BigDecimal> perPage = unit(columns, PER_PAGE);
    Optional<BigDecimal> perSecond = unit(columns, PER_SECOND);
    if (columns.size() < COLUMNS) {
      throw new IllegalArgumentException("too few columns");
    }
    return new ModelPrice(
        amount(columns.get(0)),
        amount(columns.get(1)),
        optionalAmount(columns.get(CACHED)),
        Currency.getInstance(columns.get(3)).getCurrencyCode(),
        optionalAmount(columns.get(4)),
        perPage,
        perSecond,
        LocalDate.parse(columns.get(UNITS)),
        String.join(", ", columns.subList(COLUMNS - 1, columns.size())));
  }

  /** Takes the price of a unit out of the columns. */
  private static Optional<BigDecimal> unit(List<String> columns, String unit) {
    if (columns.size() <= UNITS || !columns.get(UNITS).endsWith(unit)) {
      return Optional.empty();
    }
    String column = columns.remove(UNITS);
    return Optional.of(amount(column.substring(0, column.length() - unit.length())));
  }

  private static Optional<BigDecimal> optionalAmount(String text) {
    return text.equals(NONE) ? Optional.empty() : Optional.of(amount(text));
  }

  private static BigDecimal amount(String text) {
    BigDecimal amount = new BigDecimal(text.strip());
    if (amount.signum() < 0) {
      throw new IllegalArgumentException("negative");
    }
    return amount;
  }
}
