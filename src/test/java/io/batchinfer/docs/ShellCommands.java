package io.batchinfer.docs;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.docs.Pages.Piece;
import io.batchinfer.testing.BuiltProduct;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What bash makes of pieces of pages: they are run by a bash to which every program is a function
 * that only notes down how it was called.
 */
final class ShellCommands {

  private static final String PRELUDE =
      """
      note() { printf '%s\\0' "$PIECE" "$#" "$@" >>"$NOTES"; }
      command_not_found_handle() { note "$@"; }
      cd() { :; }
      shopt -u expand_aliases
      """;

  private final Path scratch;
  private final String programs;

  /**
   * @param scratch an empty folder, in which the pieces run
   */
  ShellCommands(Path scratch) {
    this.scratch = scratch;
    StringBuilder functions = new StringBuilder(PRELUDE);
    for (String program : scripts()) {
      functions.append("function %s { note %s \"$@\"; }\n".formatted(program, program));
    }
    programs = functions.toString();
  }

  /**
   * A command as a program would see it.
   *
   * @param place of the piece that it is in
   * @param words the program and its arguments
   */
  record Command(Piece place, List<String> words) {
    String program() {
      return words.get(0);
    }

    List<String> arguments() {
      return words.subList(1, words.size());
    }
  }

  /**
   * The commands of the pieces, in the order in which they are run. Each piece has a shell of its
   * own, in one process, since processes are slow to start.
   */
  List<Command> of(List<Piece> pieces) {
    Path notes = scratch.resolve("notes");
    Path folder = scratch.resolve("folder");
    try {
      Files.createDirectories(folder.resolve("target"));
      StringBuilder script = new StringBuilder(programs);
      for (int i = 0; i < pieces.size(); i++) {
        Files.writeString(scratch.resolve(i + ".sh"), pieces.get(i).text());
        script.append("PIECE=%d; (. ../%d.sh; wait) 2>../%d.err\n".formatted(i, i, i));
      }
      Files.writeString(notes, "");
      Finished finished =
          ForkedProcess.command("/bin/bash", "--noprofile", "--norc", "-c", script.toString())
              .in(folder)
              .with("NOTES", notes.toString())
              .with("PATH", "/nonexistent")
              .with("SPARK_HOME", "spark-home")
              .run(LONG_ENOUGH);
      assertThat(finished.stderr()).isEmpty();
      for (int i = 0; i < pieces.size(); i++) {
        assertThat(Files.readString(scratch.resolve(i + ".err"))).as("%s", pieces.get(i)).isEmpty();
      }
      return read(pieces, Files.readString(notes, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Command> read(List<Piece> pieces, String notes) {
    List<Command> commands = new ArrayList<>();
    String[] parts = notes.split("\0", -1);
    int at = 0;
    while (at < parts.length - 1) {
      int words = Integer.parseInt(parts[at + 1]);
      commands.add(
          new Command(
              pieces.get(Integer.parseInt(parts[at])),
              List.of(parts).subList(at + 2, at + 2 + words)));
      at += 2 + words;
    }
    return commands;
  }

  /** The programs of this project, and those of Spark that a page calls by their path. */
  private static List<String> scripts() {
    Path base = BuiltProduct.baseDirectory();
    try (Stream<Path> files = Files.walk(base.resolve("scripts"))) {
      List<String> scripts = new ArrayList<>();
      files
          .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
          .forEach(file -> scripts.add(base.relativize(file).toString()));
      scripts.add("spark-home/sbin/start-connect-server.sh");
      return scripts;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
