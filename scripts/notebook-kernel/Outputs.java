package notebook;

import com.fasterxml.jackson.core.PrettyPrinter;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.core.util.Separators.Spacing;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Compares the outputs of an executed notebook with those that are checked in, or checks them in.
 *
 * <p>What differs from run to run is declared by its cell: {@code "varies"} in the cell's metadata
 * gives regular expressions, and what is shown in their place. Of pictures only their presence is
 * compared, because fonts differ; what goes to standard error is left out, because Spark's warnings
 * depend on the machine.
 */
public final class Outputs {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Outputs() {}

  /** {@code check CHECKED_IN EXECUTED} or {@code write CHECKED_IN EXECUTED}. */
  public static void main(String[] arguments) throws IOException {
    Path checkedIn = Path.of(arguments[1]);
    ObjectNode notebook = (ObjectNode) JSON.readTree(checkedIn.toFile());
    JsonNode executed = JSON.readTree(Path.of(arguments[2]).toFile());
    List<String> differences = new ArrayList<>();
    for (int i = 0; i < notebook.get("cells").size(); i++) {
      ObjectNode cell = (ObjectNode) notebook.get("cells").get(i);
      if (!cell.get("cell_type").asText().equals("code")) {
        continue;
      }
      ArrayNode outputs = lasting(cell, executed.get("cells").get(i).get("outputs"));
      if (!comparable(outputs).equals(comparable(cell.get("outputs")))) {
        differences.add(
            "Cell %s is checked in with\n%s\nand now gives\n%s"
                .formatted(
                    cell.get("id").asText(), comparable(cell.get("outputs")), comparable(outputs)));
      }
      cell.set("outputs", outputs);
    }
    if (arguments[0].equals("write")) {
      Files.writeString(checkedIn, JSON.writer(asJupyterHasIt()).writeValueAsString(notebook) + "\n");
    } else if (!differences.isEmpty()) {
      System.err.printf(
          "%s%n%s no longer shows what it gives. If the new outputs are right: scripts/notebook --write %s%n",
          String.join("\n", differences), checkedIn, checkedIn);
      System.exit(1);
    }
  }

  /** The outputs without what another run would not give again. */
  private static ArrayNode lasting(ObjectNode cell, JsonNode outputs) {
    ArrayNode lasting = JSON.createArrayNode();
    for (JsonNode each : outputs) {
      ObjectNode output = each.deepCopy();
      if (output.path("name").asText().equals("stderr")) {
        continue;
      }
      if (output.has("execution_count")) {
        output.putNull("execution_count");
      }
      if (output.has("text")) {
        output.set("text", lasting(cell, output.get("text"), true));
      }
      if (output.has("data")) {
        ObjectNode data = (ObjectNode) output.get("data");
        for (Map.Entry<String, JsonNode> form : List.copyOf(data.properties())) {
          boolean text = form.getKey().startsWith("text/");
          data.set(form.getKey(), lasting(cell, form.getValue(), text));
        }
      }
      lasting.add(output);
    }
    return lasting;
  }

  private static JsonNode lasting(ObjectNode cell, JsonNode lines, boolean text) {
    String whole = joined(lines);
    if (!text) {
      return JSON.getNodeFactory().textNode(whole);
    }
    for (Map.Entry<String, JsonNode> varying : cell.at("/metadata/varies").properties()) {
      whole = whole.replaceAll(varying.getKey(), varying.getValue().asText());
    }
    ArrayNode parts = JSON.createArrayNode();
    for (String line : whole.split("(?<=\n)")) {
      parts.add(line);
    }
    return parts;
  }

  private static String joined(JsonNode lines) {
    StringBuilder whole = new StringBuilder(lines.isTextual() ? lines.asText() : "");
    lines.forEach(line -> whole.append(line.asText()));
    return whole.toString();
  }

  /** All texts, and the names of the other forms. */
  private static String comparable(JsonNode outputs) {
    StringBuilder all = new StringBuilder();
    for (JsonNode output : outputs) {
      all.append(output.get("output_type").asText()).append('\n');
      all.append(joined(output.path("text")));
      for (Map.Entry<String, JsonNode> form : output.path("data").properties()) {
        all.append(form.getKey()).append('\n');
        if (form.getKey().startsWith("text/")) {
          all.append(joined(form.getValue())).append('\n');
        }
      }
    }
    return all.toString();
  }

  private static PrettyPrinter asJupyterHasIt() {
    DefaultIndenter lines = new DefaultIndenter(" ", "\n");
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter(
            Separators.createDefaultInstance()
                .withObjectFieldValueSpacing(Spacing.AFTER)
                .withArrayEmptySeparator("")
                .withObjectEmptySeparator(""));
    printer.indentObjectsWith(lines);
    printer.indentArraysWith(lines);
    return printer;
  }
}
