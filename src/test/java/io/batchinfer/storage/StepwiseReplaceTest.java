package io.batchinfer.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A filesystem that cannot replace a file in one step, under a process that dies at any step. */
class StepwiseReplaceTest {
  private static final int STEPS = 12;

  @TempDir private Path folder;

  /** Refuses to rename onto a file, and fails every change after so many. */
  public static final class MortalFileSystem extends RawLocalFileSystem {
    private static int left = Integer.MAX_VALUE;

    private static void step() throws IOException {
      if (left-- <= 0) {
        throw new IOException("the process is dead");
      }
    }

    @Override
    public boolean rename(org.apache.hadoop.fs.Path from, org.apache.hadoop.fs.Path to)
        throws IOException {
      step();
      return !exists(to) && super.rename(from, to);
    }

    @Override
    public boolean delete(org.apache.hadoop.fs.Path path, boolean recursive) throws IOException {
      step();
      return super.delete(path, recursive);
    }

    @Override
    public FSDataOutputStream create(
        org.apache.hadoop.fs.Path path,
        FsPermission permission,
        boolean overwrite,
        int bufferSize,
        short replication,
        long blockSize,
        Progressable progress)
        throws IOException {
      step();
      return super.create(
          path, permission, overwrite, bufferSize, replication, blockSize, progress);
    }
  }

  private static FileStore store() {
    Configuration configuration = new Configuration(false);
    configuration.set("fs.file.impl", MortalFileSystem.class.getName());
    configuration.setBoolean("fs.file.impl.disable.cache", true);
    return new HadoopFileStore(configuration);
  }

  /** Whether the process lived to the end of it. */
  private static boolean replaced(String path, String content, int steps) {
    MortalFileSystem.left = steps;
    try {
      store().replace(path, content.getBytes(StandardCharsets.UTF_8));
      return true;
    } catch (StorageException e) {
      return false;
    } finally {
      MortalFileSystem.left = Integer.MAX_VALUE;
    }
  }

  private static String read(String path) {
    return new String(store().readAll(path), StandardCharsets.UTF_8);
  }

  @Test
  void theOldContentOrTheNewIsAlwaysFoundHoweverOftenAWriterDies() {
    int deaths = 0;
    for (int first = 0; first < STEPS; first++) {
      for (int second = 0; second < STEPS; second++) {
        String path = "file:" + folder.resolve(first + "-" + second + ".json");
        assertThat(replaced(path, "old", Integer.MAX_VALUE)).isTrue();

        boolean firstLived = replaced(path, "new", first);
        assertThat(store().find(path)).isPresent();
        String after = read(path);
        assertThat(after).isIn(firstLived ? new String[] {"new"} : new String[] {"old", "new"});

        boolean secondLived = replaced(path, "newer", second);
        assertThat(store().find(path)).isPresent();
        assertThat(read(path))
            .isIn(secondLived ? new String[] {"newer"} : new String[] {after, "new", "newer"});
        deaths += (firstLived ? 0 : 1) + (secondLived ? 0 : 1);
      }
    }
    assertThat(deaths).isGreaterThan(2 * STEPS);
  }

  @Test
  void aDeletedFileDoesNotComeBack() throws IOException {
    String path = "file:" + folder.resolve("gone.json");
    replaced(path, "old", Integer.MAX_VALUE);
    for (int steps = 0; steps < STEPS; steps++) {
      replaced(path, "new", steps);
      MortalFileSystem.left = 2;
      store().delete(path);
      MortalFileSystem.left = Integer.MAX_VALUE;
      assertThat(store().find(path)).isEmpty();
      replaced(path, "old", Integer.MAX_VALUE);
    }
    try (var left = Files.list(folder)) {
      assertThat(left.filter(file -> file.toString().endsWith(".next"))).isEmpty();
    }
  }
}
