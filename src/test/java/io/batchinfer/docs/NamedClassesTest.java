package io.batchinfer.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A class that a page names is there: whoever looks for it finds it. */
class NamedClassesTest {
  private static final Pattern DECLARED =
      Pattern.compile("\\b(?:class|interface|record|enum) ([A-Z]\\w*)");
  private static final Pattern CODE = Pattern.compile("(?s)```.*?```|`[^`\\n]+`");

  /** Two humps at least: words with one are also other things. */
  private static final Pattern NAME =
      Pattern.compile("(?<![\\w*…-])(?:[A-Z][a-z0-9]+){2,}(?![\\w-])");

  /** Classes of others that the pages name. */
  private static final Set<String> OF_OTHERS =
      Set.of(
          "DataOutputStream", // the JDK's
          "GuardedBy", // Error Prone's
          "FileContext", // Hadoop's
          "InternalRow", // Spark's
          "LocalFileSystem", // Hadoop's
          "PrometheusServlet", // Spark's
          "RawLocalFileSystem", // Hadoop's
          "ReadableStream", // browsers'
          "SparkEnv", // Spark's
          "SparkException", // Spark's
          "SparkSession"); // Spark's

  @Test
  void everyClassThatAPageNamesIsThere() throws IOException {
    Set<String> declared = declared();
    Set<String> unknown = new TreeSet<>();
    Set<String> ofOthers = new HashSet<>();
    for (Path page : pages()) {
      for (MatchResult code : CODE.matcher(Files.readString(page)).results().toList()) {
        for (MatchResult name : NAME.matcher(code.group()).results().toList()) {
          if (OF_OTHERS.contains(name.group())) {
            ofOthers.add(name.group());
          } else if (!declared.contains(name.group())) {
            unknown.add(name.group() + " in " + page);
          }
        }
      }
    }

    assertThat(unknown).as("names of classes that do not exist").isEmpty();
    assertThat(ofOthers).as("classes of others that pages name").isEqualTo(OF_OTHERS);
  }

  private static List<Path> pages() throws IOException {
    try (Stream<Path> pages = Files.walk(Path.of("src/site/markdown"));
        Stream<Path> others = Stream.of("README.md", ".github/CONTRIBUTING.md").map(Path::of)) {
      return Stream.concat(others.filter(Files::exists), pages)
          .filter(path -> path.toString().endsWith(".md"))
          .toList();
    }
  }

  private static Set<String> declared() throws IOException {
    Set<String> names = new HashSet<>();
    for (String root : List.of("src/main/java", "src/test/java")) {
      try (Stream<Path> files = Files.walk(Path.of(root))) {
        files
            .filter(path -> path.toString().endsWith(".java"))
            .forEach(
                path ->
                    DECLARED
                        .matcher(text(path))
                        .results()
                        .forEach(result -> names.add(result.group(1))));
      }
    }
    return names;
  }

  private static String text(Path path) {
    try {
      return Files.readString(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
