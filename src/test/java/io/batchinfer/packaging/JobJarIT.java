package io.batchinfer.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.testing.BuiltProduct;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class JobJarIT {
  private static final Pattern UNRELOCATED_NAME =
      Pattern.compile(
          "^(\\[*L)?(io[./](netty|vertx|micrometer|prometheus|github[./]resilience4j)|com[./](fasterxml|knuddels|netflix)"
              + "|me[./]tongfei|org[./](jline|HdrHistogram|LatencyUtils)|picocli)[./][\\w./$]*;?$");

  @Test
  void worksBehindSparksJarsAndUnderSparksFlags() {
    Path probe =
        BuiltProduct.baseDirectory().resolve("src/test/resources/packaging/JobJarProbe.java");
    List<String> words = new ArrayList<>();
    words.add(BuiltProduct.java().toString());
    words.addAll(BuiltProduct.sparkJvmFlags());
    words.add("-cp");
    words.add(BuiltProduct.sparkHome().resolve("jars") + "/*:" + BuiltProduct.jobJar());
    words.add(probe.toString());
    assertThat(words)
        .as("Spark turns the host name check off for every JVM it starts")
        .contains("-Dio.netty.handler.ssl.defaultEndpointVerificationAlgorithm=NONE");

    Finished finished = ForkedProcess.command(words).run(Duration.ofMinutes(2));

    assertThat(finished.exitCode()).as("%s", finished).isZero();
    assertThat(finished.stdout().lines())
        .containsExactly(
            "epoll = available",
            "round trip = echo hello native true",
            "host names = HTTPS",
            "json = 2",
            "tokens = 2",
            "breaker = CLOSED",
            "terminal = exec");
  }

  @Test
  void holdsNoClassOutsideTheProductsPackage() throws IOException {
    try (JarFile jar = new JarFile(BuiltProduct.jobJar().toFile())) {
      assertThat(jar.stream().map(JarEntry::getName))
          .filteredOn(name -> !name.endsWith("/"))
          .isNotEmpty()
          .allMatch(
              name -> name.matches("(io/batchinfer|batchinfer|META-INF)/.*") || isOfSchemas(name))
          .noneMatch(name -> name.startsWith("META-INF/versions/"));
    }
  }

  /**
   * Data, no code, that the validator of answer schemas looks for in the root of its class path.
   */
  private static boolean isOfSchemas(String name) {
    return name.matches("(draft(-\\d+)?|ucd)/.*|jsv-messages\\.properties|leap_second_dates\\.csv");
  }

  @Test
  void namesNoLibraryByItsOriginalPackage() throws IOException {
    List<String> found = new ArrayList<>();
    try (JarFile jar = new JarFile(BuiltProduct.jobJar().toFile())) {
      for (JarEntry entry : jar.stream().filter(e -> e.getName().endsWith(".class")).toList()) {
        try (InputStream in = new BufferedInputStream(jar.getInputStream(entry))) {
          ClassFileStrings.of(in).stream()
              .filter(text -> UNRELOCATED_NAME.matcher(text).matches())
              .forEach(text -> found.add(entry.getName() + ": " + text));
        }
      }
    }

    assertThat(found).isEmpty();
  }

  @Test
  void startsAtTheCommandLineAndTellsItsVersion() throws IOException {
    try (JarFile jar = new JarFile(BuiltProduct.jobJar().toFile())) {
      Manifest manifest = jar.getManifest();

      assertThat(manifest.getMainAttributes().getValue("Main-Class"))
          .isEqualTo("io.batchinfer.cli.Main");
      assertThat(manifest.getMainAttributes().getValue("Implementation-Version"))
          .isEqualTo(BuiltProduct.version());
      assertThat(manifest.getMainAttributes().getValue("Multi-Release"))
          .as("versioned classes are not relocated")
          .isNull();
    }
  }
}
