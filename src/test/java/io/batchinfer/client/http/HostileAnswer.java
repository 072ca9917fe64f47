package io.batchinfer.client.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/**
 * What a hostile server does with one request, as bytes: interim answers, an answer that names its
 * row, well framed or not, and what comes behind it.
 *
 * @param pieces written one after the other, with delays between them
 * @param ending what becomes of the connection afterwards
 * @param last why no further request may come on the connection, or empty
 * @param early whether it comes when only the head of the request was read
 */
record HostileAnswer(List<byte[]> pieces, Ending ending, String last, boolean early) {
  private static final int[] INTERIM = {100, 102, 103, 104, 110, 199};
  private static final int[] FINAL = {200, 200, 200, 201, 400, 404, 429, 500, 503};

  enum Ending {
    STAYS_OPEN,
    CLOSES,
    RESETS
  }

  private enum Kind {
    LENGTH(24),
    CHUNKED(14),
    EQUAL_LENGTHS(3),
    OLD_KEPT_ALIVE(2),
    GZIP(3),
    CONNECTION_CLOSE(2),
    OLD(2),
    BOTH_FRAMINGS(2),
    OTHER_CODING(1),
    UNTIL_CLOSE(2),
    BODY_ON_204(1),
    LENGTH_TOO_SHORT(1),
    LENGTH_TOO_LONG(2),
    CONFLICTING_LENGTHS(2),
    BAD_CHUNK(2),
    SWITCHES(1),
    CUT_OFF(2),
    NOTHING(1);

    private final int weight;

    Kind(int weight) {
      this.weight = weight;
    }

    static Kind of(RandomGenerator random) {
      int total = 0;
      for (Kind kind : values()) {
        total += kind.weight;
      }
      int left = random.nextInt(total);
      for (Kind kind : values()) {
        left -= kind.weight;
        if (left < 0) {
          return kind;
        }
      }
      throw new AssertionError();
    }
  }

  /** The beginning of every body of a row. */
  static String name(int row) {
    return String.format("row=%08d;", row);
  }

  /** A complete answer that names a row. */
  static byte[] plain(int row) {
    return bytes("HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n" + name(row));
  }

  /**
   * @param strays whether more than one answer may come
   * @param early whether only the head of the request was read
   */
  static HostileAnswer of(RandomGenerator random, int row, boolean strays, boolean early) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    interimAnswers(random, out);
    Kind kind = Kind.of(random);
    if (!strays && (kind == Kind.BODY_ON_204 || kind == Kind.LENGTH_TOO_SHORT)) {
      kind = Kind.LENGTH;
    }
    int status = FINAL[random.nextInt(FINAL.length)];
    byte[] body =
        bytes(name(row) + "x".repeat(random.nextInt(random.nextInt(20) == 0 ? 90_000 : 800)));
    out.writeBytes(finalAnswer(random, kind, status, body));
    String last =
        switch (kind) {
          case LENGTH, CHUNKED, EQUAL_LENGTHS, OLD_KEPT_ALIVE, GZIP -> "";
          default -> kind.name();
        };
    int end = out.size();
    if (kind == Kind.BODY_ON_204 || kind == Kind.LENGTH_TOO_SHORT) {
      end -= body.length;
    }
    if (last.isEmpty() && strays && random.nextInt(40) == 0) {
      last = "STRAY";
      out.writeBytes(stray(random, row));
    } else if (last.isEmpty() && random.nextInt(60) == 0) {
      last = "LINE_ENDS";
      out.writeBytes(bytes("\r\n".repeat(1 + random.nextInt(2))));
    }
    Ending ending =
        switch (kind) {
          case UNTIL_CLOSE, LENGTH_TOO_LONG, NOTHING -> Ending.CLOSES;
          case CUT_OFF -> random.nextBoolean() ? Ending.CLOSES : Ending.RESETS;
          default -> random.nextInt(50) == 0 ? Ending.CLOSES : Ending.STAYS_OPEN;
        };
    return new HostileAnswer(cut(random, out.toByteArray(), end), ending, last, early);
  }

  /** What a server has no reason to send; a whole answer names the row. */
  static byte[] stray(RandomGenerator random, int row) {
    byte[] whole = plain(row);
    return switch (random.nextInt(7)) {
      case 0, 5, 6 -> Arrays.copyOf(whole, 1 + random.nextInt(whole.length - 1));
      case 1 -> bytes("0\r\n\r\n");
      case 2 -> bytes("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
      default -> whole;
    };
  }

  private static void interimAnswers(RandomGenerator random, ByteArrayOutputStream out) {
    for (int count = Math.max(0, random.nextInt(6) - 2); count > 0; count--) {
      int status = INTERIM[random.nextInt(INTERIM.length)];
      out.writeBytes(bytes("HTTP/1.1 " + status + " Wait\r\n"));
      if (random.nextBoolean()) {
        out.writeBytes(bytes("Link: </a>; rel=preload\r\n"));
      }
      out.writeBytes(bytes("\r\n"));
    }
  }

  private static byte[] finalAnswer(RandomGenerator random, Kind kind, int status, byte[] body) {
    String head = "HTTP/1.1 " + status + " Status\r\nServer: hostile\r\n";
    String old = "HTTP/1.0 " + status + " Status\r\n";
    String length = "Content-Length: " + body.length + "\r\n";
    String chunked = "Transfer-Encoding: chunked\r\n";
    return switch (kind) {
      case LENGTH -> together(head + length, body);
      case CHUNKED -> together(head + chunked, chunks(random, body));
      case EQUAL_LENGTHS -> together(head + length + length, body);
      case OLD_KEPT_ALIVE -> together(old + "Connection: Keep-Alive\r\n" + length, body);
      case GZIP -> {
        byte[] coded = gzip(body);
        yield together(
            head + "Content-Encoding: gzip\r\nContent-Length: " + coded.length + "\r\n", coded);
      }
      case CONNECTION_CLOSE -> together(head + "Connection: Upgrade, close\r\n" + length, body);
      case OLD -> together(old + length, body);
      case BOTH_FRAMINGS ->
          together(head + "Content-Length: 5\r\n" + chunked, chunks(random, body));
      case OTHER_CODING -> together(head + "Transfer-Encoding: x\r\n" + length, body);
      case UNTIL_CLOSE -> together(head, body);
      case BODY_ON_204 -> together("HTTP/1.1 204 No Content\r\n" + length, body);
      case LENGTH_TOO_SHORT -> together(head + "Content-Length: 0\r\n", body);
      case LENGTH_TOO_LONG ->
          together(head + "Content-Length: " + (body.length + 9) + "\r\n", body);
      case CONFLICTING_LENGTHS -> together(head + length + "Content-Length: 4\r\n", body);
      case BAD_CHUNK -> together(head + chunked, bytes("d\r\n" + name(0) + "!!\r\n0\r\n\r\n"));
      case SWITCHES ->
          together("HTTP/1.1 101 Switching\r\nUpgrade: other\r\nConnection: Upgrade\r\n", body);
      case CUT_OFF -> {
        byte[] whole = together(head + length, body);
        yield Arrays.copyOf(whole, random.nextInt(whole.length));
      }
      case NOTHING -> new byte[0];
    };
  }

  private static byte[] chunks(RandomGenerator random, byte[] body) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int start = 0; start < body.length; ) {
      int size = Math.min(body.length - start, 1 + random.nextInt(5_000));
      String extension = random.nextInt(4) == 0 ? ";a=b" : "";
      out.writeBytes(bytes(Integer.toHexString(size) + extension + "\r\n"));
      out.write(body, start, size);
      out.writeBytes(bytes("\r\n"));
      start += size;
    }
    out.writeBytes(bytes(random.nextInt(4) == 0 ? "0\r\nX-Sum: 1\r\n\r\n" : "0\r\n\r\n"));
    return out.toByteArray();
  }

  /** Never behind the end of the answer: a moment later, what follows is the next one's answer. */
  private static List<byte[]> cut(RandomGenerator random, byte[] all, int end) {
    TreeSet<Integer> cuts = new TreeSet<>();
    for (int count = Math.max(0, random.nextInt(8) - 4); count > 0 && end > 1; count--) {
      cuts.add(1 + random.nextInt(end - 1));
    }
    cuts.add(all.length);
    List<byte[]> pieces = new ArrayList<>();
    int start = 0;
    for (int cut : cuts) {
      pieces.add(Arrays.copyOfRange(all, start, cut));
      start = cut;
    }
    return pieces;
  }

  private static byte[] together(String head, byte[] body) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(bytes(head + "\r\n"));
    out.writeBytes(body);
    return out.toByteArray();
  }

  private static byte[] gzip(byte[] body) {
    try {
      return Codings.gzip(body);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(ISO_8859_1);
  }
}
