package io.batchinfer.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.testing.InMemoryFiles;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Stores that an output is safe on, and stores that it is not. */
class StoreProbeTest {
  private final InMemoryFiles files = InMemoryFiles.objectStore();

  @Test
  void aStoreThatKeepsItsWordIsAsItWas() {
    StoreProbe.check(files, "/out/");

    assertThat(files.paths()).isEmpty();
  }

  @Test
  void aStoreThatDoesNotReplaceWhenAskedNotToCreatesOnlyWhereNothingIs() {
    assertThat(StoreProbe.traits(files, "/out").createsIfAbsent()).isFalse();

    files.createsIfAbsent();
    assertThat(StoreProbe.traits(files, "/out").createsIfAbsent()).isTrue();
    assertThat(files.paths()).isEmpty();
  }

  @Test
  void aStoreThatReplacesAllTheSameDoesNot() {
    files.createsIfAbsent();
    files.before(operation -> hide(operation, "create-if-absent", "/b"));

    assertThat(StoreProbe.traits(files, "/out").createsIfAbsent()).isFalse();
  }

  @Test
  void nothingIsTriedWhereAFileGrows() {
    InMemoryFiles disk = InMemoryFiles.filesystem();
    List<String> operations = new ArrayList<>();
    disk.before(operations::add);

    assertThat(StoreProbe.traits(disk, "/out")).isEqualTo(StoreTraits.FILESYSTEM);
    assertThat(operations).isEmpty();
  }

  @Test
  void aListingThatIsLateIsRefused() {
    assertUnsafe(
        operation -> hide(operation, "list", "/b"),
        "does not list a file at once that was written");
  }

  @Test
  void aFileThatWasNeverFinishedIsNotToBeSeen() {
    assertUnsafe(
        operation -> {
          if (operation.startsWith("list")) {
            files.put(operation.substring("list ".length()) + "/half", new byte[1]);
          }
        },
        "shows a file that was never finished");
  }

  @Test
  void anOldContentIsRefused() {
    assertUnsafe(
        operation -> {
          if (operation.startsWith("open") && operation.endsWith("/a")) {
            files.put(operation.substring("open ".length()), new byte[1]);
          }
        },
        "shows the old content");
  }

  @Test
  void aListingThatKeepsWhatIsGoneIsRefused() {
    List<String> lists = new ArrayList<>();
    assertUnsafe(
        operation -> {
          if (operation.startsWith("list")) {
            lists.add(operation);
            if (lists.size() == 2) {
              files.put(operation.substring("list ".length()) + "/b", new byte[1]);
            }
          }
        },
        "still lists a file that was deleted");
  }

  private void hide(String operation, String verb, String name) {
    if (operation.startsWith(verb)) {
      files.paths().stream().filter(path -> path.endsWith(name)).forEach(files::forget);
    }
  }

  private void assertUnsafe(InMemoryFiles.Before trouble, String words) {
    files.before(trouble);

    assertThatThrownBy(() -> StoreProbe.check(files, "/out"))
        .isInstanceOfSatisfying(
            BatchException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.USAGE))
        .hasMessageContaining("The store of the output \"/out\" " + words);
    files.before(operation -> {});
    assertThat(files.paths()).isEmpty();
  }
}
