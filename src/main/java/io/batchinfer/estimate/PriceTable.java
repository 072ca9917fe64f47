package io.batchinfer.estimate;

import io.batchinfer.config.ConfigLine;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Currency;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Prices by provider and model, from {@code prices.conf}: lines of {@code provider:model = input
 * per million, output per million, cached input per million or -, currency, batch discount or -,
 * date, source}; the column of cached input may be left out. The model may hold {@code *}; the
 * first line that matches holds. A line counts for its provider and where no provider is named; a
 * lone {@code *} only for its provider. Immutable.
 */
public final class PriceTable {
  private static final String RESOURCE = "/batchinfer/conf/prices.conf";
  private static final int COLUMNS = 7;
  private static final int CACHED = 2;
  private static final String NONE = "-";
  private static final Pattern CURRENCY = Pattern.compile("[A-Z]{3}");
  private static final String FORM =
      "write provider:model = input, output, cached input or -, currency, batch discount or -,"
          + " date, source, such as openai:gpt-5 = 1.25, 10.00, 0.125, USD, 0.5, 2025-08-31, OpenAI"
          + " price list";

  private final List<Row> rows;

  private PriceTable(List<Row> rows) {
    this.rows = List.copyOf(rows);
  }

  private record Row(String provider, String modelPattern, Pattern model, ModelPrice price) {
    Row(String provider, String modelPattern, ModelPrice price) {
      this(provider, modelPattern, glob(modelPattern), price);
    }

    boolean isOf(Optional<String> namedProvider) {
      return namedProvider.isEmpty()
          ? !modelPattern.equals("*")
          : namedProvider.get().equals(provider);
    }

    boolean matches(Optional<String> namedProvider, String name) {
      return isOf(namedProvider) && model.matcher(name).matches();
    }

    /** The line that it came from, in its longest form. */
    String line() {
      return String.join(
          ", ",
          provider + ":" + modelPattern + " = " + price.inputPerMillion().toPlainString(),
          price.outputPerMillion().toPlainString(),
          price.cachedPerMillion().map(BigDecimal::toPlainString).orElse(NONE),
          price.currency(),
          price.batchDiscount().map(BigDecimal::toPlainString).orElse(NONE),
          price.asOf().toString(),
          price.source());
    }
  }

  /**
   * Reads {@code prices.conf} of the folder where it has one, else the one that comes with the
   * program.
   *
   * @param confFolder usually {@code conf}; null to look in the program only
   * @throws BatchException {@link ErrorCode#USAGE} with every mistake in the file
   */
  public static PriceTable load(@Nullable Path confFolder) {
    Path file = confFolder == null ? null : confFolder.resolve("prices.conf");
    if (file == null || !Files.exists(file)) {
      return parse("prices.conf", resource());
    }
    try {
      return parse(file.toString(), Files.readAllLines(file));
    } catch (IOException e) {
      throw new BatchException(
          ErrorCode.USAGE,
          "The price list \"" + file + "\" cannot be read; make it a readable UTF-8 file.",
          e);
    }
  }

  /**
   * Reads a price list from its lines.
   *
   * @param file name of the file for messages
   * @throws BatchException {@link ErrorCode#USAGE} with every mistake in the lines
   */
  public static PriceTable parse(String file, List<String> lines) {
    List<String> problems = new ArrayList<>();
    List<Row> rows = new ArrayList<>();
    for (ConfigLine line : ConfigLine.parse(file, lines, problems)) {
      int colon = line.key().indexOf(':');
      Optional<ModelPrice> price = price(line.value());
      if (colon < 1 || price.isEmpty()) {
        problems.add("Line " + line.place() + " is not a price; " + FORM + ".");
      } else {
        String provider = line.key().substring(0, colon).strip();
        rows.add(new Row(provider, line.key().substring(colon + 1).strip(), price.get()));
      }
    }
    if (!problems.isEmpty()) {
      throw new BatchException(ErrorCode.USAGE, String.join("\n", problems));
    }
    return new PriceTable(rows);
  }

  /**
   * The price of a model; empty if it is unknown, and then so is the cost.
   *
   * @param provider name of the provider's profile, if one is named
   */
  public Optional<ModelPrice> find(Optional<String> provider, String model) {
    return rows.stream().filter(row -> row.matches(provider, model)).map(Row::price).findFirst();
  }

  /**
   * The lines that count for a provider, as {@link #parse} reads them.
   *
   * @param provider name of the provider's profile, if one is named
   */
  List<String> lines(Optional<String> provider) {
    return rows.stream().filter(row -> row.isOf(provider)).map(Row::line).toList();
  }

  int size() {
    return rows.size();
  }

  private static Optional<ModelPrice> price(String value) {
    List<String> columns = new ArrayList<>(List.of(value.split(",", COLUMNS)));
    if (columns.size() > CACHED && CURRENCY.matcher(columns.get(CACHED).strip()).matches()) {
      // Without the column of cached input; what was split of the source goes back to it.
      columns = new ArrayList<>(List.of(value.split(",", COLUMNS - 1)));
      columns.add(CACHED, NONE);
    }
    if (columns.size() < COLUMNS) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new ModelPrice(
              amount(columns.get(0)),
              amount(columns.get(1)),
              optionalAmount(columns.get(CACHED)),
              Currency.getInstance(columns.get(3).strip()).getCurrencyCode(),
              optionalAmount(columns.get(4)),
              LocalDate.parse(columns.get(5).strip()),
              columns.get(6).strip()));
    } catch (IllegalArgumentException | DateTimeException e) {
      return Optional.empty();
    }
  }

  private static Optional<BigDecimal> optionalAmount(String text) {
    return text.strip().equals(NONE) ? Optional.empty() : Optional.of(amount(text));
  }

  private static BigDecimal amount(String text) {
    BigDecimal amount = new BigDecimal(text.strip());
    if (amount.signum() < 0) {
      throw new IllegalArgumentException("negative");
    }
    return amount;
  }

  private static Pattern glob(String pattern) {
    return Pattern.compile("\\Q" + pattern.replace("*", "\\E.*\\Q") + "\\E");
  }

  private static List<String> resource() {
    try (InputStream stream = PriceTable.class.getResourceAsStream(RESOURCE)) {
      if (stream == null) {
        throw new BatchException(
            ErrorCode.INTERNAL, "The program lacks its resource " + RESOURCE + "; reinstall it.");
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new BatchException(
          ErrorCode.INTERNAL, "The program cannot read its resource " + RESOURCE + ".", e);
    }
  }
}
