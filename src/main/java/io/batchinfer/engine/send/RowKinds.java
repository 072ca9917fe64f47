package io.batchinfer.engine.send;

import io.batchinfer.course.RowKind;
import io.batchinfer.row.ParsedLine.Request;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Of which kind the rows of a split are that this process has read. Nothing is allocated for a row
 * whose kind has been seen. For one thread at a time.
 */
final class RowKinds {
  /** So much is looked at of a body's beginning, and of its end. */
  private static final int LOOKED_AT = 16 << 10;

  private static final int WITH_IMAGES = 1;
  private static final int WITH_TOOLS = 2;

  private static final byte[] TOOLS = ascii("\"tools\"");
  private static final byte[] IMAGE_URL = ascii("\"image_url\"");
  private static final byte[] INPUT_IMAGE = ascii("\"input_image\"");

  private final byte[] ofLines;
  private final List<Seen> seen = new ArrayList<>();
  private int last;

  /** A kind, with the texts as requests have them. */
  private record Seen(String path, String model, RowKind kind) {
    private boolean isOf(Request request, boolean images, boolean tools) {
      return kind.images() == images
          && kind.tools() == tools
          && path.equals(request.path())
          && model.equals(request.model());
    }
  }

  /**
   * @param lines of the split
   */
  RowKinds(int lines) {
    ofLines = new byte[lines];
  }

  /** Notes the kind of a row. To be called by the reader. */
  void note(int line, Request request) {
    byte[] body = request.body();
    int firstEnd = Math.min(body.length, LOOKED_AT);
    int with =
        keys(body, 0, firstEnd)
            | keys(body, Math.max(firstEnd, body.length - LOOKED_AT), body.length);
    ofLines[line] = (byte) (1 + find(request, (with & WITH_IMAGES) != 0, (with & WITH_TOOLS) != 0));
  }

  private int find(Request request, boolean images, boolean tools) {
    if (last < seen.size() && seen.get(last).isOf(request, images, tools)) {
      return last;
    }
    for (int i = 0; i < seen.size(); i++) {
      if (seen.get(i).isOf(request, images, tools)) {
        last = i;
        return i;
      }
    }
    if (seen.size() == RowKind.MOST) {
      return RowKind.MOST;
    }
    seen.add(
        new Seen(
            request.path(),
            request.model(),
            new RowKind(request.path(), request.model(), images, tools)));
    last = seen.size() - 1;
    return last;
  }

  /** The kind of a row; null where this process has not read it. */
  @Nullable RowKind of(int line) {
    int kind = ofLines[line] - 1;
    if (kind < 0) {
      return null;
    }
    return kind < seen.size() ? seen.get(kind).kind() : RowKind.OTHERS;
  }

  /** What of a body is to be seen there; within a text the quotes of a key would be escaped. */
  private static int keys(byte[] body, int from, int to) {
    int with = 0;
    for (int i = from; i < to - 1; i++) {
      if (body[i] == '"') {
        if (body[i + 1] == 't') {
          with |= isAt(body, i, to, TOOLS) && isKey(body, i + TOOLS.length, to) ? WITH_TOOLS : 0;
        } else if (body[i + 1] == 'i') {
          with |= isAt(body, i, to, IMAGE_URL) || isAt(body, i, to, INPUT_IMAGE) ? WITH_IMAGES : 0;
        }
      }
    }
    return with;
  }

  private static boolean isAt(byte[] body, int at, int to, byte[] key) {
    if (at + key.length > to) {
      return false;
    }
    for (int i = 1; i < key.length; i++) {
      if (body[at + i] != key[i]) {
        return false;
      }
    }
    return true;
  }

  private static boolean isKey(byte[] body, int behind, int to) {
    int i = behind;
    while (i < to && body[i] == ' ') {
      i++;
    }
    return i < to && body[i] == ':';
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
