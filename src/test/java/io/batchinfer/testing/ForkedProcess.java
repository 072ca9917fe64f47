package io.batchinfer.testing;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * A real process with its output in files. Closing kills it and everything it started, so no test
 * leaves one behind.
 */
public final class ForkedProcess implements AutoCloseable {

  private final Process process;
  private final Path stdout;
  private final Path stderr;

  private ForkedProcess(Process process, Path stdout, Path stderr) {
    this.process = process;
    this.stdout = stdout;
    this.stderr = stderr;
  }

  /** What became of a process. */
  public record Finished(int exitCode, String stdout, String stderr) {
    @Override
    public String toString() {
      return "exit code " + exitCode + "\n--- stdout\n" + stdout + "\n--- stderr\n" + stderr;
    }
  }

  /** A command to be started; its environment is the caller's unless changed here. */
  public static final class Command {
    private final List<String> words;
    private final Map<String, String> environment = new TreeMap<>(System.getenv());
    private Path directory = Path.of("").toAbsolutePath();

    private Command(List<String> words) {
      this.words = List.copyOf(words);
    }

    public Command with(String name, String value) {
      environment.put(name, value);
      return this;
    }

    public Command without(String name) {
      environment.remove(name);
      return this;
    }

    public Command in(Path workingDirectory) {
      directory = workingDirectory;
      return this;
    }

    public ForkedProcess start() {
      try {
        Path stdout = Files.createTempFile("stdout", ".txt");
        Path stderr = Files.createTempFile("stderr", ".txt");
        ProcessBuilder builder =
            new ProcessBuilder(words)
                .directory(directory.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(stdout.toFile())
                .redirectError(stderr.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        return new ForkedProcess(builder.start(), stdout, stderr);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Runs to the end and returns what came out; kills and fails after the timeout. */
    public Finished run(Duration timeout) {
      try (ForkedProcess started = start()) {
        return started.waitFor(timeout);
      }
    }
  }

  public static Command command(List<String> words) {
    return new Command(words);
  }

  public static Command command(String... words) {
    return new Command(List.of(words));
  }

  /** Waits for the end of the process and returns what came out of it. */
  public Finished waitFor(Duration timeout) {
    try {
      if (!process.waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new AssertionError(
            "Still running after " + timeout + "\n" + new Finished(-1, stdout(), stderr()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while waiting for a process.", e);
    }
    return new Finished(process.exitValue(), stdout(), stderr());
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  public ProcessHandle handle() {
    return process.toHandle();
  }

  /** Asks the process to end, as SIGTERM does. */
  public void terminate() {
    process.destroy();
  }

  /** What has been written so far. */
  public String stdout() {
    return read(stdout);
  }

  /** What has been written so far. */
  public String stderr() {
    return read(stderr);
  }

  @Override
  public void close() {
    List<ProcessHandle> family = new ArrayList<>(process.descendants().toList());
    family.add(process.toHandle());
    family.forEach(ProcessHandle::destroyForcibly);
    Eventually.await(
        "the processes are gone",
        LONG_ENOUGH,
        () -> family.stream().noneMatch(ProcessHandle::isAlive),
        family::toString);
    try {
      Files.deleteIfExists(stdout);
      Files.deleteIfExists(stderr);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
