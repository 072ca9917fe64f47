package io.batchinfer.engine.send;

import io.batchinfer.course.RowKind;
import io.batchinfer.row.ParsedLine.Request;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Of which kind the rows of a split are that this process has read. Nothing is allocated for a row
 * whose kind has been seen. For one thread at a time.
 */
final class RowKinds {
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
    ofLines[line] = (byte) (1 + find(request));
  }

  private int find(Request request) {
    boolean images = request.prompt().hasImages();
    boolean tools = request.prompt().hasTools();
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
}
