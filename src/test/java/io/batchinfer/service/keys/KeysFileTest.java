package io.batchinfer.service.keys;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.model.BatchException;
import io.batchinfer.storage.StorageException;
import io.batchinfer.store.Workspace;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.VirtualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeysFileTest {
  private static final int KEYS_PER_WRITER = 40;

  private final VirtualTime time = new VirtualTime();

  @TempDir private Path folder;
  private Path file;
  private KeysFile keysFile;

  @BeforeEach
  void name() {
    file = folder.resolve("keys.json");
    keysFile = new KeysFile(file, time.clock());
  }

  /** A writer in a process of its own. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] arguments) {
      KeysFile keysFile = new KeysFile(Path.of(arguments[0]), Clock.systemUTC());
      for (int i = 0; i < KEYS_PER_WRITER; i++) {
        System.out.println(keysFile.create(arguments[1]));
      }
    }
  }

  private ForkedProcess.Command writer(String workspace) {
    return ForkedProcess.command(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1",
        "-cp",
        System.getProperty("java.class.path"),
        Writer.class.getName(),
        file.toString(),
        workspace);
  }

  @Test
  void twoProcessesAndTwoThreadsAtOnceLoseNoKey() throws Exception {
    List<String> made = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (ForkedProcess one = writer("one").start();
        ForkedProcess two = writer("two").start()) {
      List<Future<List<String>>> here = new ArrayList<>();
      for (String workspace : List.of("three", "four")) {
        here.add(
            threads.submit(
                () ->
                    Stream.generate(() -> keysFile.create(workspace))
                        .limit(KEYS_PER_WRITER)
                        .toList()));
      }
      for (Future<List<String>> keys : here) {
        made.addAll(keys.get());
      }
      for (ForkedProcess process : List.of(one, two)) {
        ForkedProcess.Finished finished = process.waitFor(LONG_ENOUGH);
        assertThat(finished.exitCode()).as(finished.toString()).isZero();
        made.addAll(finished.stdout().lines().toList());
      }
    } finally {
      threads.shutdownNow();
    }

    AccessKeys keys = AccessKeys.open(file, time, problem -> {});
    assertThat(made)
        .hasSize(4 * KEYS_PER_WRITER)
        .allMatch(key -> keys.workspaceOf(key).isPresent());
    assertThat(keysFile.keys()).hasSize(made.size());
    assertThat(namesInFolder()).containsExactlyInAnyOrder("keys.json", "keys.json.lock");
  }

  private List<String> namesInFolder() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(path -> path.getFileName().toString()).toList();
    }
  }

  @Test
  void whatIsRevokedStaysInTheListWithItsFirstTime() {
    keysFile.create("acme");
    time.advance(Duration.ofHours(1));
    keysFile.create("other");
    String id = keysFile.keys().get(0).id();

    Optional<StoredKey> before = keysFile.revoke(id);
    time.advance(Duration.ofHours(1));
    Optional<StoredKey> again = keysFile.revoke(id);

    assertThat(before.orElseThrow().revokedAt()).isEmpty();
    assertThat(again.orElseThrow().revokedAt()).contains("2026-01-01T01:00:00Z");
    assertThat(keysFile.revoke("00000000")).isEmpty();
    assertThat(keysFile.keys()).extracting(StoredKey::workspace).containsExactly("acme", "other");
    assertThat(keysFile.keys())
        .extracting(StoredKey::createdAt)
        .containsExactly(
            Instant.parse("2026-01-01T00:00:00Z"), Instant.parse("2026-01-01T01:00:00Z"));
    assertThat(keysFile.keys().get(1).revokedAt()).isEmpty();
  }

  @Test
  void fieldsThatThisProgramDoesNotKnowStay() throws IOException {
    keysFile.create("acme");
    String id = keysFile.keys().get(0).id();
    Files.writeString(
        file,
        Files.readString(file)
            .replace("{\n  \"keys\"", "{\n \"note\":{\"a\":[1,0.10000000000000000000001]},\"keys\"")
            .replace("\"hash\"", "\"owner\":\"Ada\",\"hash\"")
            .replace(
                "\"workspaces\" : { }",
                "\"workspaces\":{\"acme\":{\"color\":\"red\",\"max_cost\":5}}"));

    keysFile.revoke(id);
    keysFile.set(
        "acme",
        before ->
            new Workspace(
                "acme",
                Optional.empty(),
                Optional.of("/run/key"),
                Optional.of(8),
                Optional.empty(),
                Optional.of(60L)));
    keysFile.create("other");

    assertThat(Files.readString(file))
        .contains("\"note\"", "0.10000000000000000000001", "\"owner\" : \"Ada\"")
        .contains("\"color\" : \"red\"", "\"api_key_file\" : \"/run/key\"", "\"concurrency\" : 8")
        .doesNotContain("max_cost");
    assertThat(keysFile.keys()).hasSize(2);
  }

  @Test
  void aWorkspaceIsKnownByAKeyOrBySettings() {
    keysFile.create("acme");
    keysFile.set("quiet", before -> before);

    assertThat(keysFile.workspace("acme")).contains(Workspace.named("acme"));
    assertThat(keysFile.workspace("quiet")).contains(Workspace.named("quiet"));
    assertThat(keysFile.workspace("other")).isEmpty();
  }

  @Test
  void aBrokenFileIsNotWrittenOver() throws IOException {
    Files.writeString(file, "{\"keys\":");

    assertThatThrownBy(() -> keysFile.create("acme"))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("it is not valid JSON");
    assertThat(Files.readString(file)).isEqualTo("{\"keys\":");
  }

  @Test
  void anAbsentFileIsMadeByAChangeButHasNothingToShow() {
    assertThatThrownBy(keysFile::keys).hasMessageContaining("does not exist");
    assertThatThrownBy(() -> keysFile.revoke("00000000")).hasMessageContaining("does not exist");
    assertThatThrownBy(() -> keysFile.workspace("acme")).hasMessageContaining("does not exist");
    assertThat(file).doesNotExist();
  }

  @Test
  void aFolderIsNoKeysFileAndAnAbsentOneIsNamed() throws IOException {
    assertThatThrownBy(() -> new KeysFile(folder, time.clock()).create("acme"))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("it is a folder");
    assertThatThrownBy(
            () -> new KeysFile(folder.resolve("no/keys.json"), time.clock()).create("acme"))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("there is no folder \"" + folder.resolve("no") + "\"");
    assertThat(namesInFolder()).isEmpty();
  }

  /** The name leaves room for the lock's, but not for that of a file to write first. */
  @Test
  void aFailedWriteLeavesTheFileAsItWasAndGivesTheLockBack() throws IOException {
    keysFile.create("acme");
    String content = Files.readString(file);
    Path longNamed = Files.writeString(folder.resolve("k".repeat(249)), content);
    KeysFile unwritable = new KeysFile(longNamed, time.clock());

    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> unwritable.create("acme"))
          .isInstanceOf(StorageException.class)
          .hasMessageStartingWith("Cannot write \"" + longNamed);
    }

    assertThat(Files.readString(longNamed)).isEqualTo(content);
    assertThat(unwritable.keys()).hasSize(1);
    keysFile.create("acme");
    assertThat(keysFile.keys()).hasSize(2);
  }

  @Test
  void aLinkStaysALink() throws IOException {
    Path link = folder.resolve("link.json");
    keysFile.create("acme");
    Files.createSymbolicLink(link, file);

    new KeysFile(link, time.clock()).create("other");

    assertThat(Files.isSymbolicLink(link)).isTrue();
    assertThat(Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)).isTrue();
    assertThat(keysFile.keys()).hasSize(2);
    assertThat(namesInFolder()).contains("keys.json.lock").doesNotContain("link.json.lock");
  }
}
