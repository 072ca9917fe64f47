package io.batchinfer.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The command that starts a model's server: words as a shell would split them, in which
 * placeholders stand for what is known only where it starts. No shell runs it, so nothing of a
 * shell's language is in it.
 *
 * @param words with their placeholders, the program first
 */
public record EngineCommand(List<String> words) {
  /** Where it is to listen. */
  public static final String PORT = "port";

  /** The address it is to listen at. */
  public static final String HOST = "host";

  /** The model that rows name. */
  public static final String MODEL = "model";

  /** Its GPUs, with commas between. */
  public static final String GPUS = "gpus";

  /** How many GPUs it has. */
  public static final String GPU_COUNT = "gpu_count";

  /** The other models that rows name, with commas between. */
  public static final String ADAPTERS = "adapters";

  /** How it quantizes the model. */
  public static final String QUANTIZATION = "quantization";

  /** The version of its image. */
  public static final String IMAGE_TAG = "image_tag";

  private static final Set<String> KNOWN =
      Set.of(PORT, HOST, MODEL, GPUS, GPU_COUNT, ADAPTERS, QUANTIZATION, IMAGE_TAG);
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{([A-Za-z_]+)}");

  public EngineCommand {
    words = List.copyOf(words);
  }

  /** The command that a checked option holds. */
  public static EngineCommand of(String command) {
    try {
      return read(command);
    } catch (InvalidValue e) {
      throw new IllegalArgumentException(e.words(), e);
    }
  }

  static String checked(String command) throws InvalidValue {
    EngineCommand unused = read(command);
    return command;
  }

  private static EngineCommand read(String command) throws InvalidValue {
    List<String> words = new Words(command).all();
    boolean hasPort = false;
    for (String word : words) {
      Matcher placeholder = PLACEHOLDER.matcher(word);
      while (placeholder.find()) {
        String name = placeholder.group(1);
        if (!KNOWN.contains(name)) {
          throw InvalidValue.of(
              placeholder.group(),
              "is no placeholder",
              "there are {port}, {host}, {model}, {gpus}, {gpu_count}, {adapters}, {quantization} and {image_tag}");
        }
        hasPort |= name.equals(PORT);
      }
    }
    if (!hasPort) {
      throw InvalidValue.of(
          command,
          "does not say where the engine is to listen",
          "put {port} where its port belongs, as in \"vllm serve {model} --port {port}\" or \"env OLLAMA_HOST={host}:{port} ollama serve\"");
    }
    return new EngineCommand(words);
  }

  /** Whether a placeholder occurs. */
  public boolean names(String placeholder) {
    return words.stream().anyMatch(word -> word.contains("{" + placeholder + "}"));
  }

  /**
   * The words with values in place of their placeholders.
   *
   * @param values one for each placeholder that occurs
   */
  public List<String> filled(Map<String, String> values) {
    return words.stream()
        .map(
            word ->
                PLACEHOLDER
                    .matcher(word)
                    .replaceAll(
                        found ->
                            Matcher.quoteReplacement(
                                values.getOrDefault(found.group(1), found.group()))))
        .toList();
  }

  /** Splits a text as a shell does. */
  private static final class Words {
    private static final String OPERATORS = "|&;<>`$";

    private final String text;
    private final List<String> words = new ArrayList<>();
    private final StringBuilder word = new StringBuilder();
    private boolean begun;
    private int at;

    Words(String text) {
      this.text = text;
    }

    List<String> all() throws InvalidValue {
      while (at < text.length()) {
        char next = text.charAt(at++);
        if (Character.isWhitespace(next)) {
          end();
        } else {
          begun = true;
          take(next);
        }
      }
      end();
      return words;
    }

    private void take(char next) throws InvalidValue {
      if (next == '\'') {
        int close = text.indexOf('\'', at);
        if (close < 0) {
          throw unclosed();
        }
        word.append(text, at, close);
        at = close + 1;
      } else if (next == '"') {
        quoted();
      } else if (next == '\\' && at < text.length()) {
        word.append(text.charAt(at++));
      } else {
        plain(next);
      }
    }

    private void quoted() throws InvalidValue {
      while (at < text.length()) {
        char next = text.charAt(at++);
        if (next == '"') {
          return;
        }
        if (next == '\\' && at < text.length() && "\"\\$`".indexOf(text.charAt(at)) >= 0) {
          word.append(text.charAt(at++));
        } else if (next == '$' || next == '`') {
          plain(next);
        } else {
          word.append(next);
        }
      }
      throw unclosed();
    }

    private void plain(char next) throws InvalidValue {
      if (OPERATORS.indexOf(next) >= 0) {
        throw InvalidValue.of(
            text,
            "holds a " + next + ", which only a shell understands",
            "quote it with ' where it is meant as it is, or give sh -c '...' as the command");
      }
      word.append(next);
    }

    private InvalidValue unclosed() {
      return InvalidValue.of(text, "holds a quotation mark that is not closed", "close it");
    }

    private void end() {
      if (begun) {
        words.add(word.toString());
        word.setLength(0);
        begun = false;
      }
    }
  }
}
