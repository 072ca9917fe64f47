package io.batchinfer.estimate;

import io.batchinfer.config.ConfigLine;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Prices by provider and model, from {@code prices.conf}: lines of {@code provider:model = input
 * per million, output per million, cached input per million or -, currency, batch discount or -,
 * date, source}; the column of cached input may be left out, and before the date a price {@code per
 * page} or {@code per second} may stand. The model may hold {@code *}, or be {@code ~} and a
 * regular expression; the first line that matches holds. A line counts for its provider and where
 * no provider is named; a lone {@code *}, and lines of the providers in {@code only-with-provider},
 * count only for their provider. Thread-safe.
 */
public final class PriceTable {
  /** The key of the line with the providers whose prices count only where they are named. */
  static final String ONLY_WITH_PROVIDER = "only-with-provider";

  private static final String RESOURCE = "/batchinfer/conf/prices.conf";

  private final List<PriceLine> lines;
  private final Set<String> onlyNamed;

  /** Where lines for one name stand, by provider, and for all that count without one by "". */
  private final Map<String, Map<String, Integer>> exact = new HashMap<>();

  /** Lines for several names, likewise. */
  private final Map<String, List<Integer>> several = new HashMap<>();

  /** What finds the names of these, as soon as one was looked for. */
  private final Map<Integer, Pattern> patterns = new ConcurrentHashMap<>();

  private PriceTable(List<PriceLine> lines, Set<String> onlyNamed) {
    this.lines = List.copyOf(lines);
    this.onlyNamed = Set.copyOf(onlyNamed);
    for (int i = 0; i < lines.size(); i++) {
      PriceLine line = lines.get(i);
      index(line.provider(), i);
      if (isOf(Optional.empty(), line)) {
        index("", i);
      }
    }
  }

  private void index(String provider, int number) {
    PriceLine line = lines.get(number);
    if (line.isExact()) {
      exact.computeIfAbsent(provider, any -> new HashMap<>()).putIfAbsent(line.models(), number);
    } else {
      several.computeIfAbsent(provider, any -> new ArrayList<>()).add(number);
    }
  }

  private boolean isOf(Optional<String> provider, PriceLine line) {
    return provider.isEmpty()
        ? !line.isForAll() && !onlyNamed.contains(line.provider())
        : provider.get().equals(line.provider());
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
      return shipped();
    }
    try {
      List<String> lines = Files.readAllLines(file);
      return lines.equals(resource()) ? shipped() : parse(file.toString(), lines);
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
    return parse(file, lines, true);
  }

  /** The list that comes with the program, of which the tests read every line. */
  private static PriceTable shipped() {
    return ofLines(resource());
  }

  /** A list of lines that were read before, here or in another process. */
  static PriceTable ofLines(List<String> lines) {
    return parse("prices.conf", lines, false);
  }

  private static PriceTable parse(String file, List<String> lines, boolean readAll) {
    List<String> problems = new ArrayList<>();
    List<PriceLine> prices = new ArrayList<>();
    Set<String> onlyNamed = Set.of();
    for (ConfigLine line : ConfigLine.parse(file, lines, problems)) {
      if (line.key().equals(ONLY_WITH_PROVIDER)) {
        onlyNamed =
            Stream.of(line.value().split(",")).map(String::strip).collect(Collectors.toSet());
        continue;
      }
      PriceLine price = PriceLine.of(line.key(), line.value()).orElse(null);
      if (price == null || (readAll && !price.isReadable())) {
        problems.add("Line " + line.place() + " is not a price; " + PriceLine.FORM + ".");
      } else {
        prices.add(price);
      }
    }
    if (!problems.isEmpty()) {
      throw new BatchException(ErrorCode.USAGE, String.join("\n", problems));
    }
    return new PriceTable(prices, onlyNamed);
  }

  /**
   * The price of a model; empty if it is unknown, and then so is the cost.
   *
   * @param provider name of the provider's profile, if one is named
   */
  public Optional<ModelPrice> find(Optional<String> provider, String model) {
    String key = provider.orElse("");
    int first = exact.getOrDefault(key, Map.of()).getOrDefault(model, Integer.MAX_VALUE);
    for (int line : several.getOrDefault(key, List.of())) {
      if (line >= first) {
        break;
      }
      if (isFor(line, model)) {
        first = line;
      }
    }
    return first == Integer.MAX_VALUE ? Optional.empty() : Optional.of(lines.get(first).price());
  }

  private boolean isFor(int line, String model) {
    return patterns.computeIfAbsent(line, any -> lines.get(any).matcher()).matcher(model).find();
  }

  /**
   * The lines that count for a provider, as {@link #parse} reads them.
   *
   * @param provider name of the provider's profile, if one is named
   */
  List<String> lines(Optional<String> provider) {
    return lines.stream().filter(line -> isOf(provider, line)).map(PriceLine::text).toList();
  }

  int size() {
    return lines.size();
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
