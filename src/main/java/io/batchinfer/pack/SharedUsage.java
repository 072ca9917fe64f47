package io.batchinfer.pack;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The {@code usage} of a pack's answer, of which each row gets its share: of every number in it,
 * whatever it counts. All else stays as it is written. Immutable.
 */
final class SharedUsage implements SharedPart {
  private static final byte[] UNKNOWN = "null".getBytes(StandardCharsets.US_ASCII);

  /** Numbers that are longer, or have more zeros, count nothing that there is. */
  private static final int MOST_DIGITS = 18;

  private final byte[] body;
  private final int from;
  private final int to;
  private final List<Numeral> numerals;

  /** A number where it stands in the body. */
  private record Numeral(int from, int to, String text) {
    byte[] share(Shares shares, int row) {
      boolean whole = text.chars().allMatch(Character::isDigit);
      Optional<BigDecimal> number = text.length() > MOST_DIGITS ? Optional.empty() : number();
      return number
          .map(
              known ->
                  whole
                      ? shares.of(known.toBigInteger(), row).toString()
                      : shares.of(known, row).stripTrailingZeros().toPlainString())
          .map(share -> share.getBytes(StandardCharsets.US_ASCII))
          .orElse(UNKNOWN);
    }

    private Optional<BigDecimal> number() {
      try {
        BigDecimal number = new BigDecimal(text);
        boolean counts = number.signum() >= 0 && Math.abs(number.scale()) <= MOST_DIGITS;
        return counts ? Optional.of(number) : Optional.empty();
      } catch (NumberFormatException e) {
        // Its exponent is beyond all bounds.
        return Optional.empty();
      }
    }
  }

  private SharedUsage(byte[] body, int from, int to, List<Numeral> numerals) {
    this.body = body;
    this.from = from;
    this.to = to;
    this.numerals = List.copyOf(numerals);
  }

  /**
   * Reads the value that the parser stands on to its end.
   *
   * @param start where in the body the parser began
   */
  static SharedUsage read(JsonParser parser, byte[] body, int start) throws IOException {
    List<Numeral> numerals = new ArrayList<>();
    int from = start + (int) parser.currentTokenLocation().getByteOffset();
    int depth = 0;
    JsonToken token = parser.currentToken();
    while (true) {
      depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
      if (token.isNumeric()) {
        int at = start + (int) parser.currentTokenLocation().getByteOffset();
        String text = parser.getText();
        numerals.add(new Numeral(at, at + text.length(), text));
      }
      if (depth == 0) {
        break;
      }
      token = parser.nextToken();
    }
    parser.finishToken();
    int to = start + (int) parser.currentLocation().getByteOffset();
    return new SharedUsage(body, from, to, numerals);
  }

  @Override
  public int from() {
    return from;
  }

  @Override
  public int to() {
    return to;
  }

  @Override
  public void write(Shares shares, int row, ByteArrayOutputStream out) {
    int at = from;
    for (Numeral numeral : numerals) {
      out.write(body, at, numeral.from - at);
      out.writeBytes(numeral.share(shares, row));
      at = numeral.to;
    }
    out.write(body, at, to - at);
  }
}
