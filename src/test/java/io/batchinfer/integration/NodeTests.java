package io.batchinfer.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A folder with tests of Node's own runner and the packages they need. */
record NodeTests(Path folder) {
  private static final Pattern RESULT =
      Pattern.compile("\\s*(not ok|ok) \\d+ - (.*?)( # (?:SKIP|TODO).*)?");

  /** Installs the packages unless they are there already, newer than their description. */
  static NodeTests installed(Path folder, Duration timeout) throws IOException {
    // npm writes it last.
    Path witness = folder.resolve("node_modules/.package-lock.json");
    if (!Files.exists(witness)
        || Files.getLastModifiedTime(witness)
                .compareTo(Files.getLastModifiedTime(folder.resolve("package.json")))
            < 0) {
      Finished installed =
          ForkedProcess.command(
                  "npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save")
              .in(folder)
              .run(timeout);
      assertThat(installed.exitCode()).as("npm install in %s: %s", folder, installed).isZero();
    }
    return new NodeTests(folder);
  }

  /** Runs the test files of a subfolder; reports go to {@code results.tap} and {@code spec.txt}. */
  List<String> command(String subfolder, Path reports) throws IOException {
    Files.createDirectories(reports);
    List<String> words = new ArrayList<>();
    words.add(node());
    words.addAll(List.of("--test", "--test-concurrency=4"));
    words.add("--test-reporter=tap");
    words.add("--test-reporter-destination=" + reports.resolve("results.tap"));
    words.add("--test-reporter=spec");
    words.add("--test-reporter-destination=" + reports.resolve("spec.txt"));
    try (Stream<Path> files = Files.list(folder.resolve(subfolder))) {
      files
          .filter(file -> file.toString().endsWith(".test.mjs"))
          .map(file -> folder.relativize(file).toString())
          .sorted()
          .forEach(words::add);
    }
    return words;
  }

  /** The Node of the packages, as this machine's own one may be older than the SDKs take. */
  private String node() throws IOException {
    try (Stream<Path> packages = Files.list(folder.resolve("node_modules"))) {
      return packages
          .filter(one -> String.valueOf(one.getFileName()).startsWith("node-"))
          .map(one -> one.resolve("bin/node"))
          .filter(Files::isExecutable)
          .map(Path::toString)
          .findFirst()
          .orElse("node");
    }
  }

  /** The tests that failed themselves, not by a test inside them: name and what was reported. */
  static List<String> failures(List<String> tap) {
    List<String> failures = new ArrayList<>();
    for (int i = 0; i < tap.size(); i++) {
      Matcher result = RESULT.matcher(tap.get(i));
      if (result.matches() && result.group(1).equals("not ok")) {
        List<String> report = report(tap, i + 1);
        if (report.stream().noneMatch(line -> line.contains("subtestsFailed"))) {
          failures.add(result.group(2) + "\n" + String.join("\n", report));
        }
      }
    }
    return failures;
  }

  static long passes(List<String> tap) {
    return tap.stream()
        .map(RESULT::matcher)
        .filter(result -> result.matches() && result.group(1).equals("ok"))
        .filter(result -> result.group(3) == null)
        .count();
  }

  private static List<String> report(List<String> tap, int start) {
    return tap.subList(start, tap.size()).stream()
        .takeWhile(line -> !line.strip().equals("..."))
        .filter(line -> !line.strip().equals("---"))
        .toList();
  }
}
