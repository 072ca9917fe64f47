package io.batchinfer.docs;

import io.batchinfer.testing.BuiltProduct;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The pages that people read, and what is set off in them. */
final class Pages {
  private static final Pattern FENCED =
      Pattern.compile("^```(\\w*)\\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);
  private static final Pattern INLINE = Pattern.compile("(?<!`)`([^`\\n]+)`(?!`)");
  private static final Pattern FENCE = Pattern.compile("(?ms)^```.*?^```$");

  private Pages() {}

  /**
   * A piece of a page.
   *
   * @param line where it begins, from 1
   */
  record Piece(Path page, int line, String text) {
    @Override
    public String toString() {
      return page + ":" + line;
    }
  }

  /** Every page, relative to the top of the source tree. */
  static List<Path> all() {
    Path base = BuiltProduct.baseDirectory();
    List<Path> pages = new ArrayList<>(List.of(Path.of("README.md"), Path.of("CHANGELOG.md")));
    for (String place : List.of(".github", "scripts", "src/site/markdown")) {
      if (!Files.isDirectory(base.resolve(place))) {
        continue; // a source archive has no .github
      }
      try (Stream<Path> files = Files.walk(base.resolve(place))) {
        files
            .filter(file -> file.toString().endsWith(".md"))
            .sorted()
            .forEach(file -> pages.add(base.relativize(file)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return List.copyOf(pages);
  }

  static String text(Path page) {
    try {
      return Files.readString(BuiltProduct.baseDirectory().resolve(page));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The blocks in the language, such as {@code sh}. */
  static List<Piece> blocks(Path page, String language) {
    String text = text(page);
    List<Piece> blocks = new ArrayList<>();
    Matcher found = FENCED.matcher(text);
    while (found.find()) {
      if (found.group(1).equals(language)) {
        blocks.add(new Piece(page, lineOf(text, found.start(2)), found.group(2)));
      }
    }
    return List.copyOf(blocks);
  }

  /** What stands in backticks within a line. */
  static List<Piece> inlineCode(Path page) {
    String text = text(page);
    // Blocks keep their lines, so that places stay true.
    String prose = FENCE.matcher(text).replaceAll(block -> "\n".repeat(lines(block.group())));
    List<Piece> code = new ArrayList<>();
    Matcher found = INLINE.matcher(prose);
    while (found.find()) {
      code.add(new Piece(page, lineOf(prose, found.start()), found.group(1)));
    }
    return List.copyOf(code);
  }

  private static int lines(String text) {
    return (int) text.chars().filter(c -> c == '\n').count();
  }

  private static int lineOf(String text, int offset) {
    return 1 + lines(text.substring(0, offset));
  }
}
