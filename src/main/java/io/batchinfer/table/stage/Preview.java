package io.batchinfer.table.stage;

import io.batchinfer.table.render.RenderedRow;
import io.batchinfer.table.render.RequestRows;
import io.batchinfer.table.render.RowRenderer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;

/** The first lines of a table, as they would be staged. */
public final class Preview {
  private Preview() {}

  /**
   * Renders rows and writes none.
   *
   * @param rows how many at most
   * @return a line each, without its end
   */
  public static List<String> of(RequestRows requests, int rows) {
    return TableFailure.reading(
        () -> {
          RowRenderer renderer = requests.renderer();
          boolean named = requests.keys().length() > 0;
          RowDigest digest = new RowDigest();
          List<String> lines = new ArrayList<>();
          for (InternalRow row : requests.first(rows)) {
            RenderedRow rendered = renderer.render(row);
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            PartWriter.line(line, rendered, named, digest.of(rendered));
            lines.add(line.toString(StandardCharsets.UTF_8).strip());
          }
          return List.copyOf(lines);
        });
  }
}
