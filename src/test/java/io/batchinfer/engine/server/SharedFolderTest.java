package io.batchinfer.engine.server;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.model.EngineFigures;
import io.batchinfer.model.EngineFigures.State;
import io.batchinfer.testing.BuiltProduct;
import io.batchinfer.testing.Eventually;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders that processes of a machine have in common, and what becomes of those left behind. */
class SharedFolderTest {
  @TempDir Path root;

  private static SharedEngine.Note note() {
    return new SharedEngine.Note(
        new EngineFigures(
            "engine of machine a",
            State.READY,
            "",
            List.of(),
            Instant.EPOCH,
            Duration.ofSeconds(1),
            Duration.ZERO,
            0,
            0,
            0),
        Optional.empty());
  }

  private Path used(String name) throws IOException {
    Path folder = SharedFolder.of(root, name, Instant.now());
    try (SharedEngine engine = SharedEngine.open(folder)) {
      assertThat(engine.isKeptHere()).isTrue();
      engine.write(note());
    }
    return folder;
  }

  private static void age(Path folder) throws IOException {
    FileTime past = FileTime.from(Instant.now().minus(Duration.ofHours(2)));
    // Not the lock: to change its time would open and close it, and so take it from whoever has it.
    if (Files.exists(folder.resolve("engine"))) {
      Files.setLastModifiedTime(folder.resolve("engine"), past);
    }
    Files.setLastModifiedTime(folder, past);
  }

  /** Another process, which locks a file until it is killed. */
  public static final class Holder {
    public static void main(String[] words) throws IOException {
      try (FileChannel channel = FileChannel.open(Path.of(words[0]), StandardOpenOption.WRITE)) {
        System.out.println(channel.lock().isValid());
        while (true) {
          LockSupport.park();
        }
      }
    }
  }

  @Test
  void oneThatNobodyHasUsedForLongIsRemovedAtTheNextStart() throws IOException {
    Path left = used("left");
    Path empty = SharedFolder.of(root, "empty", Instant.now());
    age(left);
    age(empty);

    Path next = SharedFolder.of(root, "next", Instant.now());

    assertThat(left).doesNotExist();
    assertThat(empty).doesNotExist();
    assertThat(next).isDirectory();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(next)))
        .isEqualTo("rwx------");
  }

  @Test
  void oneThatIsYoungOrHasWhatNobodyHerePutThereIsSpared() throws IOException {
    Path young = used("young");
    Path foreign = used("foreign");
    Files.writeString(foreign.resolve("something"), "else");
    age(foreign);
    Path elsewhere = Files.createDirectory(root.resolve("elsewhere"));
    Path link = Files.createSymbolicLink(young.resolveSibling("link"), elsewhere);
    age(elsewhere);

    Path unused = SharedFolder.of(root, "next", Instant.now());

    assertThat(young.resolve("engine")).exists();
    assertThat(foreign.resolve("something")).exists();
    assertThat(link).isSymbolicLink();
    assertThat(elsewhere).exists();
  }

  @Test
  void oneWhoseLockIsHeldIsSparedHereAndByAnotherProcess() throws Exception {
    Path own = SharedFolder.of(root, "own", Instant.now());
    Path others = used("others");
    Process holder =
        new ProcessBuilder(
                BuiltProduct.java().toString(),
                "-cp",
                Path.of(Holder.class.getProtectionDomain().getCodeSource().getLocation().toURI())
                    .toString(),
                Holder.class.getName(),
                others.resolve("lock").toString())
            .start();
    try (SharedEngine kept = SharedEngine.open(own)) {
      assertThat(kept.isKeptHere()).isTrue();
      Eventually.await(
          "the other one has its lock", LONG_ENOUGH, () -> isPrinted(holder), () -> "" + holder);
      age(own);
      age(others);

      Path unused = SharedFolder.of(root, "next", Instant.now());

      assertThat(own).exists();
      assertThat(others.resolve("engine")).exists();
      assertThat(isLockedByThisProcess(own)).isTrue();
    } finally {
      holder.destroyForcibly();
    }
    holder.waitFor();
    Path again = SharedFolder.of(root, "again", Instant.now());
    assertThat(again).exists();
    assertThat(others).doesNotExist();
    assertThat(own).doesNotExist();
  }

  private static boolean isPrinted(Process process) {
    try {
      return process.getInputStream().available() > 0;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** As the kernel has it: {@code /proc/locks} names process and inode. */
  private static boolean isLockedByThisProcess(Path folder) throws IOException {
    String inode = ":" + Files.getAttribute(folder.resolve("lock"), "unix:ino") + " ";
    String pid = " " + ProcessHandle.current().pid() + " ";
    return Files.readAllLines(Path.of("/proc/locks")).stream()
        .anyMatch(line -> line.contains(inode) && line.contains(pid));
  }

  @Test
  void oneThatIsRemovedBeforeItIsLockedIsMadeAnew() throws IOException {
    Path folder = SharedFolder.of(root, "folder", Instant.now());
    try (SharedEngine slow = SharedEngine.open(folder)) {
      Files.delete(folder.resolve("lock"));
      Files.delete(folder);
      // It has the lock of a file that nobody else finds.
      assertThat(slow.isKeptHere()).isFalse();

      assertThat(slow.isKeptHere()).isTrue();
      slow.write(note());
      assertThat(slow.read()).contains(note());
    }
  }

  @Test
  void aPlaceThatOthersMayWriteToIsRefused() throws IOException {
    Path base = SharedFolder.of(root, "x", Instant.now()).getParent();
    Files.setPosixFilePermissions(base, PosixFilePermissions.fromString("rwxrwx---"));

    assertThatThrownBy(() -> SharedFolder.of(root, "x", Instant.now()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("may be written by others");
  }
}
