package notebook;

import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.internal.chartpart.Chart;

/** What every cell can call without an import. */
public final class Cells {
  private static Consumer<DisplayData> display = data -> {};
  private static Object kept;

  private Cells() {}

  /** Runs a shell command in the notebook's folder, shows what it says, and fails if it fails. */
  public static void sh(String command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("bash", "-c", command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    System.out.print(said);
    int exitCode = process.waitFor();
    if (exitCode != 0) {
      throw new IOException(
          "The command ended with exit code %d: %s\n%s".formatted(exitCode, command, said));
    }
  }

  /** Shows a table, a chart or any other value. */
  public static void show(Object value) throws IOException {
    display.accept(shown(value));
  }

  static DisplayData shown(Object value) throws IOException {
    if (value instanceof DisplayData data) {
      return data;
    }
    DisplayData data = new DisplayData(String.valueOf(value));
    if (value instanceof Chart<?, ?> chart) {
      byte[] picture = BitmapEncoder.getBitmapBytes(chart, BitmapFormat.PNG);
      data.putText(chart.getTitle());
      data.putData("image/png", Base64.getEncoder().encodeToString(picture));
    } else if (value instanceof Dataset<?> rows) {
      data.putHTML(table(rows.toDF()));
    }
    return data;
  }

  private static String table(Dataset<Row> rows) {
    StringBuilder html = new StringBuilder("<table>");
    line(html, "th", List.of(rows.columns()));
    for (Row row : rows.takeAsList(50)) {
      line(html, "td", scala.jdk.javaapi.CollectionConverters.asJava(row.toSeq()));
    }
    return html.append("</table>").toString();
  }

  private static void line(StringBuilder html, String tag, List<?> values) {
    html.append("<tr>");
    for (Object value : values) {
      String text = String.valueOf(value);
      text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
      html.append("<%s style=\"text-align:left\">%s</%s>".formatted(tag, text, tag));
    }
    html.append("</tr>");
  }

  /** For the kernel: how values reach the notebook. */
  static void showWith(Consumer<DisplayData> way) {
    display = way;
  }

  /** For the kernel: hands it the value of a cell. */
  public static void keep(Object value) {
    kept = value;
  }

  static Object kept() {
    return kept;
  }
}
