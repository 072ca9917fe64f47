package io.batchinfer.cli;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.config.Option;
import io.batchinfer.config.Options;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** A flag that a message, a script or a page names exists. */
class FlagNamesTest {
  private static final Pattern FLAG = Pattern.compile("(?<![A-Za-z0-9-])--[a-z][a-z0-9-]+");

  /** Asked for by mistake, and answered. */
  private static final Set<String> ANSWERED = Set.of("--api-key", "--key", "--token");

  /** Flags of spark-submit and of the JVM that the start script or the pages know. */
  private static final Set<String> SPARK =
      Set.of(
          "--add-opens",
          "--archives",
          "--class",
          "--conf",
          "--deploy-mode",
          "--driver-class-path",
          "--driver-cores",
          "--driver-java-options",
          "--driver-library-path",
          "--driver-memory",
          "--enable-native-access",
          "--exclude-packages",
          "--executor-cores",
          "--executor-memory",
          "--files",
          "--jars",
          "--keytab",
          "--kill",
          "--master",
          "--name",
          "--num-executors",
          "--packages",
          "--principal",
          "--properties-file",
          "--proxy-user",
          "--py-files",
          "--queue",
          "--remote",
          "--repositories",
          "--status",
          "--sun-misc-unsafe-memory-access",
          "--supervise",
          "--total-executor-cores");

  /** Flags of the other tools that scripts and pages call, and of the scripts themselves. */
  private static final Set<String> OTHER =
      Set.of(
          "--answer",
          "--api-key",
          "--base",
          "--client",
          "--clients",
          "--connect",
          "--delay",
          "--disk",
          "--execute",
          "--fail",
          "--from-file",
          "--from-literal",
          "--home-dir",
          "--java",
          "--jobs",
          "--keep",
          "--kills",
          "--log-level",
          "--megabytes",
          "--no-install-recommends",
          "--notebook-dir",
          "--now",
          "--only",
          "--open",
          "--output-dir",
          "--rate",
          "--rows",
          "--runs",
          "--seconds",
          "--service",
          "--shell",
          "--spark",
          "--system",
          "--tokens",
          "--write",
          "--yes");

  /** Flags of the servers that jobs start. */
  private static final Set<String> SERVERS =
      Set.of(
          "--hostname",
          "--model-id",
          "--model-path",
          "--quantize",
          "--tensor-parallel-size",
          "--tp");

  @Test
  void everyFlagOfAMessageExists() {
    Set<String> unknown = named(Path.of("src/main/java"), FlagNamesTest::withoutComments);
    unknown.removeAll(known());
    unknown.removeAll(ANSWERED);
    unknown.removeAll(SPARK);

    assertThat(unknown).isEmpty();
  }

  @Test
  void everyFlagOfAScriptOrAPageExists() {
    Set<String> unknown = new TreeSet<>();
    for (String place : List.of("README.md", "conf", "notebooks", "scripts", "src/site/markdown")) {
      unknown.addAll(named(Path.of(place), text -> text));
    }
    unknown.removeAll(known());
    unknown.removeAll(SPARK);
    unknown.removeAll(OTHER);
    unknown.removeAll(SERVERS);

    assertThat(unknown).isEmpty();
  }

  private static Set<String> known() {
    Set<String> known = new TreeSet<>();
    Options.all().stream().map(Option::flag).forEach(known::add);
    addFlags(BatchInfer.commandLine(), known);
    return known;
  }

  private static void addFlags(CommandLine command, Set<String> known) {
    known.addAll(command.getCommandSpec().optionsMap().keySet());
    command.getSubcommands().values().forEach(each -> addFlags(each, known));
  }

  private interface Part {
    String of(String text);
  }

  private static Set<String> named(Path place, Part part) {
    try (Stream<Path> files = Files.walk(place)) {
      return files
          .filter(Files::isRegularFile)
          .flatMap(file -> FLAG.matcher(part.of(read(file))).results().map(MatchResult::group))
          .collect(toCollection(TreeSet::new));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Any bytes are text in this. */
  private static String read(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String withoutComments(String source) {
    return source.replaceAll("(?m)^\\s*(//|/?\\*).*$|--[a-z]+[(]", "");
  }
}
