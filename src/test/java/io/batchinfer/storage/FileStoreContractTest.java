package io.batchinfer.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FileStoreContractTest {
  @TempDir private Path folder;

  static Stream<FileStore> stores() {
    Configuration configuration = new Configuration(false);
    configuration.set("fs.file.impl", RawLocalFileSystem.class.getName());
    configuration.setBoolean("fs.file.impl.disable.cache", true);
    return Stream.of(new LocalFileStore(), new HadoopFileStore(configuration));
  }

  private String path(String name) {
    return "file:" + folder.resolve(name);
  }

  private static void write(FileStore store, String path, String content) throws IOException {
    try (OutputStream out = store.create(path)) {
      out.write(content.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static String read(FileStore store, String path) {
    return new String(store.readAll(path), StandardCharsets.UTF_8);
  }

  private static List<String> names(List<FileStore.Entry> entries) {
    return entries.stream().map(FileStore.Entry::name).toList();
  }

  @ParameterizedTest
  @MethodSource("stores")
  void aFileIsMadeWithItsFoldersAndReplaced(FileStore store) throws IOException {
    write(store, path("a/b/c.txt"), "first");
    write(store, path("a/b/c.txt"), "second");
    assertThat(read(store, path("a/b/c.txt"))).isEqualTo("second");
    assertThat(store.find(path("a/b/c.txt")))
        .hasValueSatisfying(
            entry -> {
              assertThat(entry.bytes()).isEqualTo(6);
              assertThat(entry.folder()).isFalse();
              assertThat(entry.path()).isEqualTo(path("a/b/c.txt"));
            });
    assertThat(store.find(path("a/b"))).hasValueSatisfying(e -> assertThat(e.folder()).isTrue());
    assertThat(store.find(path("a/x"))).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("stores")
  void readingBeginsAtTheOffset(FileStore store) throws IOException {
    write(store, path("f"), "0123456789");
    try (InputStream in = store.open(path("f"), 7)) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("789");
    }
  }

  @ParameterizedTest
  @MethodSource("stores")
  void aFileIsReadHereAndThereAndNothingIsBehindItsEnd(FileStore store) throws IOException {
    write(store, path("f"), "0123456789");
    try (RandomReads file = store.openRandom(path("f"))) {
      byte[] three = new byte[3];
      for (int position : new int[] {7, 0, 4}) {
        assertThat(file.read(position, three)).isEqualTo(3);
        assertThat(new String(three, StandardCharsets.UTF_8))
            .isEqualTo("0123456789".substring(position, position + 3));
      }
      assertThat(file.read(9, three)).isEqualTo(1);
      assertThat(three[0]).isEqualTo((byte) '9');
      assertThat(file.read(10, three)).isZero();
      assertThat(file.read(1L << 40, three)).isZero();
    }
    assertThatThrownBy(() -> store.openRandom(path("absent")))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining(path("absent"));
  }

  @ParameterizedTest
  @MethodSource("stores")
  void anAbsentFileIsNamed(FileStore store) {
    assertThatThrownBy(() -> store.open(path("absent"), 0))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining(path("absent"))
        .hasMessageContaining("no such file");
  }

  @ParameterizedTest
  @MethodSource("stores")
  void aListingHoldsTheChildrenByName(FileStore store) throws IOException {
    for (String name : List.of("d/b", "d/a", "d/sub/x", "d/.hidden")) {
      write(store, path(name), "x");
    }
    assertThat(names(store.list(path("d")))).containsExactly(".hidden", "a", "b", "sub");
    assertThat(store.list(path("absent"))).isEmpty();
    assertThat(store.list(path("d/a"))).as("children of a file").isEmpty();
  }

  @ParameterizedTest
  @MethodSource("stores")
  void pathsFoldersAndGlobsMatch(FileStore store) throws IOException {
    for (String name :
        List.of("in/b.jsonl", "in/a.jsonl", "in/c.txt", "in/_x", "in/.y", "in/s/d.jsonl")) {
      write(store, path(name), "x");
    }
    assertThat(names(store.match(path("in/c.txt")))).containsExactly("c.txt");
    assertThat(names(store.match(path("in")))).containsExactly("in");
    assertThat(store.match(path("i*"))).singleElement().matches(FileStore.Entry::folder);
    assertThat(names(store.match(path("in/*.jsonl")))).containsExactly("a.jsonl", "b.jsonl");
    assertThat(names(store.match(path("i?/{a,c}.*")))).containsExactly("a.jsonl", "c.txt");
    assertThat(names(store.match(path("*/[ab].jsonl")))).containsExactly("a.jsonl", "b.jsonl");
    assertThat(store.match(path("nothing*"))).isEmpty();
    assertThat(store.match(path("absent/*.jsonl"))).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("stores")
  void publishingReplacesAllOrNothing(FileStore store) throws IOException {
    write(store, path("tmp"), "new");
    store.publish(path("tmp"), path("deep/out"));
    assertThat(read(store, path("deep/out"))).isEqualTo("new");
    write(store, path("tmp"), "newer");
    store.publish(path("tmp"), path("deep/out"));
    assertThat(read(store, path("deep/out"))).isEqualTo("newer");
    assertThat(store.find(path("tmp"))).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("stores")
  void publishingWhatIsNotThereLeavesTheOldFile(FileStore store) throws IOException {
    write(store, path("out"), "old");
    assertThatThrownBy(() -> store.publish(path("absent"), path("out")))
        .isInstanceOf(StorageException.class);
    assertThat(read(store, path("out"))).isEqualTo("old");
  }

  @ParameterizedTest
  @MethodSource("stores")
  void deletingTakesWholeFoldersAndMissesNothing(FileStore store) throws IOException {
    write(store, path("d/a/b"), "x");
    write(store, path("keep"), "x");
    store.delete(path("d"));
    store.delete(path("d"));
    assertThat(store.find(path("d"))).isEmpty();
    assertThat(store.find(path("keep"))).isPresent();
  }

  @ParameterizedTest
  @MethodSource("stores")
  void aDurableFileGrowsAndIsNeverOverwritten(FileStore store) {
    byte[] text = "0123456789".getBytes(StandardCharsets.UTF_8);
    try (DurableFile file = store.createDurable(path("j/segment"))) {
      file.write(text, 2, 3);
      file.sync();
      file.write(text, 0, 1);
    }
    assertThat(read(store, path("j/segment"))).isEqualTo("2340");
    assertThatThrownBy(() -> store.createDurable(path("j/segment")))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("segment");
  }

  @ParameterizedTest
  @MethodSource("stores")
  void aReplacedFileLeavesNoTemporary(FileStore store) {
    store.makeFolder(path("d"));
    store.replace(path("d/job.json"), new byte[] {1});
    store.replace(path("d/job.json"), new byte[] {2, 3});
    assertThat(store.readAll(path("d/job.json"))).containsExactly(2, 3);
    assertThat(names(store.list(path("d")))).containsExactly("job.json");
  }
}
