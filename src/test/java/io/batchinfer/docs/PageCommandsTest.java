package io.batchinfer.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.cli.TypedCommand;
import io.batchinfer.docs.Pages.Piece;
import io.batchinfer.docs.ShellCommands.Command;
import io.batchinfer.packaging.UnpackedProduct;
import io.batchinfer.testing.BuiltProduct;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.deploy.SparkSubmitArguments;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.collection.immutable.Map$;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Every command of every page can be typed: bash understands it, our program takes its options and
 * values, Spark takes those of spark-submit, and what it names in this project is there.
 */
class PageCommandsTest extends UnpackedProduct {
  private static final Set<String> OURS = Set.of("batchinfer", "scripts/batchinfer");

  /** Programs of others that pages call; what they are given is not looked at, but for paths. */
  private static final Set<String> OF_OTHERS =
      Set.of(
          "apt-get",
          "awk",
          "cat",
          "cp",
          "curl",
          "databricks",
          "docker",
          "git",
          "head",
          "hdfs",
          "java",
          "jq",
          "kubectl",
          "ls",
          "mkdir",
          "node",
          "npm",
          "rm",
          "sed",
          "spark-home/sbin/start-connect-server.sh",
          "tail",
          "tar",
          "vllm",
          "wc",
          "yarn");

  private static final Pattern INLINE =
      Pattern.compile("(?:scripts/|batchinfer |mvn |spark-submit --).*");

  /** A command that is named, and not called. */
  private static final Pattern ONLY_NAMED = Pattern.compile("(?:scripts/)?batchinfer(?: [a-z]+)*");

  private static final Pattern IN_THE_PROJECT =
      Pattern.compile("(?:^|[=@])((?:src|conf|scripts|notebooks|\\.github|\\.ci)/[^\\s:]+)");

  /** A file that the reader makes. */
  private static final Set<String> OF_THE_READER = Set.of("conf/batchinfer.conf");

  private static final Pattern OF_MAVEN = Pattern.compile("-P(\\S+)|-D(?:it\\.)?test=(\\S+)");

  @TempDir Path scratch;

  private List<Command> commands() {
    List<Piece> pieces = new ArrayList<>();
    for (Path page : Pages.all()) {
      pieces.addAll(Pages.blocks(page, "sh"));
      for (Piece code : Pages.inlineCode(page)) {
        if (ONLY_NAMED.matcher(code.text()).matches()) {
          pieces.add(new Piece(page, code.line(), code.text() + " --help"));
        } else if (INLINE.matcher(code.text()).matches()) {
          pieces.add(code);
        }
      }
    }
    List<Command> commands = new ShellCommands(scratch).of(pieces);
    assertThat(commands).extracting(Command::place).containsAll(pieces);
    return commands;
  }

  @Test
  void everyCommandCanBeTyped() throws IOException {
    List<String> mistakes = new ArrayList<>();
    int ours = 0;
    for (Command command : commands()) {
      mistakeIn(command)
          .ifPresent(
              mistake ->
                  mistakes.add(
                      "%s: %s: %s"
                          .formatted(command.place(), String.join(" ", command.words()), mistake)));
      ours += OURS.contains(command.program()) ? 1 : 0;
    }

    assertThat(mistakes).isEmpty();
    assertThat(ours).as("commands of ours").isGreaterThan(50);
  }

  @Test
  void aWrongFlagIsFound() throws IOException {
    for (String line :
        List.of(
            "scripts/batchinfer run --input a --output b --conurrency 3",
            "scripts/batchinfer run --input a --output b --concurrency three",
            "id=$(batchinfer jobs create --store a --modle b)",
            "scripts/batchinfer run --master yarn --input a --ouptut b",
            "spark-submit --master yarn target/batchinfer-job.jar run --inptu a",
            "spark-submit --mster yarn target/batchinfer-job.jar run --input a",
            "scripts/batchinfer run --input src/examples/chat.json --output b --simulate",
            "scripts/batchinfer run --input a --output",
            "scripts/tset QuotaTest",
            "scripts/test NoSuchTest",
            "mvn test -Pnosuch",
            "nosuchprogram a")) {
      boolean found;
      try {
        found = false;
        for (Command command :
            new ShellCommands(scratch).of(List.of(new Piece(Path.of("page.md"), 1, line + "\n")))) {
          found |= mistakeIn(command).isPresent();
        }
      } catch (AssertionError refusedByBash) {
        found = true;
      }
      assertThat(found).as("a mistake in: %s", line).isTrue();
    }
  }

  private Optional<String> mistakeIn(Command command) throws IOException {
    for (String word : command.words()) {
      Matcher path = IN_THE_PROJECT.matcher(word);
      while (path.find()) {
        if (!isThere(path.group(1))) {
          return Optional.of("there is no " + path.group(1));
        }
      }
    }
    String program = command.program();
    if (OURS.contains(program)) {
      return mistakeInOurs(command.arguments())
          .filter(mistake -> !onlyNamesAFlag(command, mistake));
    }
    if (program.equals("spark-submit")) {
      return mistakeInSubmission(command.arguments());
    }
    if (program.equals("mvn") || program.equals("scripts/test")) {
      return mistakeInMaven(command);
    }
    return program.startsWith("scripts/") || OF_OTHERS.contains(program)
        ? Optional.empty()
        : Optional.of("unknown program");
  }

  /** A flag that a sentence names needs no value there. */
  private static boolean onlyNamesAFlag(Command command, String mistake) {
    String last = command.words().get(command.words().size() - 1);
    boolean inline = !command.place().text().contains("\n");
    return inline && last.startsWith("--") && mistake.startsWith("Missing: " + last + " ");
  }

  /** The start script takes Spark's options away before the program sees the rest. */
  private Optional<String> mistakeInOurs(List<String> arguments) {
    Optional<String> mistake = TypedCommand.mistakeIn(arguments);
    if (mistake.isEmpty()) {
      return mistake;
    }
    List<String> called = words(batchinfer(arguments.toArray(String[]::new)));
    if (called.isEmpty()) {
      return mistake;
    }
    if (called.get(0).equals("spark-submit")) {
      // In cluster mode the script then reads how the job stands.
      int reader = called.indexOf("java");
      return mistakeInSubmission(called.subList(1, reader < 0 ? called.size() : reader));
    }
    int program = called.indexOf("io.batchinfer.cli.Main");
    return TypedCommand.mistakeIn(called.subList(program + 1, called.size()));
  }

  private static Optional<String> mistakeInSubmission(List<String> arguments) {
    if (arguments.stream().noneMatch(word -> word.endsWith(".jar"))) {
      return Optional.empty(); // names a flag and no whole command
    }
    SparkSubmitArguments submission;
    try {
      submission =
          new SparkSubmitArguments(
              CollectionConverters.asScala(arguments).toSeq(),
              Map$.MODULE$.from(
                  CollectionConverters.asScala(Map.of("HADOOP_CONF_DIR", "/etc/hadoop"))));
    } catch (Exception e) { // Spark throws checked ones without saying so
      return Optional.of(String.valueOf(e.getMessage()));
    }
    return TypedCommand.mistakeIn(
        CollectionConverters.asJava(submission.childArgs()).stream().toList());
  }

  private static Optional<String> mistakeInMaven(Command command) throws IOException {
    String pom = Files.readString(BuiltProduct.baseDirectory().resolve("pom.xml"));
    List<String> tests = new ArrayList<>();
    if (command.program().equals("scripts/test") && command.words().size() > 1) {
      tests.add(command.words().get(1));
    }
    for (String argument : command.arguments()) {
      Matcher option = OF_MAVEN.matcher(argument);
      if (option.matches() && option.group(1) != null) {
        if (!pom.contains("<id>" + option.group(1) + "</id>")) {
          return Optional.of("no profile " + option.group(1));
        }
      } else if (option.matches()) {
        tests.add(option.group(2));
      }
    }
    for (String test : String.join(",", tests).split(",", 0)) {
      if (!test.isEmpty() && !isThere("src/test/java/**/" + test.replaceAll("#.*", "") + ".java")) {
        return Optional.of("no test " + test);
      }
    }
    return Optional.empty();
  }

  private static boolean isThere(String path) throws IOException {
    Path base = BuiltProduct.baseDirectory();
    if (!path.contains("*")) {
      return OF_THE_READER.contains(path) || Files.exists(base.resolve(path));
    }
    PathMatcher glob = FileSystems.getDefault().getPathMatcher("glob:" + path);
    Path top = base.resolve(path.substring(0, path.lastIndexOf('/', path.indexOf('*'))));
    try (Stream<Path> files = Files.walk(top)) {
      return files.map(base::relativize).anyMatch(glob::matches);
    }
  }
}
