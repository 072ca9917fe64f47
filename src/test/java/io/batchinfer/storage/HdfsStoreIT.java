package io.batchinfer.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.testing.HdfsCluster;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of a store on HDFS. */
class HdfsStoreIT {
  @TempDir private static Path folder;
  private static HdfsCluster hdfs;
  private static FileStore store;

  @BeforeAll
  static void start() {
    hdfs = HdfsCluster.start(folder.resolve("hdfs"));
    store = new FileStores(hdfs::configuration);
  }

  @AfterAll
  static void stop() {
    hdfs.close();
  }

  private static String read(String path) {
    return new String(store.readAll(path), StandardCharsets.UTF_8);
  }

  private static void replace(String path, String content) {
    store.replace(path, content.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aFileThatIsReplacedIsThereAtEveryMoment() throws InterruptedException {
    String path = hdfs.folder("replaced/job.json");
    replace(path, "0");
    CountDownLatch over = new CountDownLatch(1);
    List<String> missed = new ArrayList<>();
    Thread reader =
        new Thread(
            () -> {
              int last = 0;
              while (over.getCount() > 0) {
                try {
                  int seen = Integer.parseInt(read(path));
                  if (seen < last) {
                    missed.add(seen + " after " + last);
                  }
                  last = seen;
                } catch (StorageException | NumberFormatException e) {
                  missed.add(String.valueOf(e.getMessage()));
                }
              }
            });
    reader.start();
    for (int i = 1; i <= 60; i++) {
      replace(path, Integer.toString(i));
    }
    over.countDown();
    reader.join();

    assertThat(missed).isEmpty();
    assertThat(read(path)).isEqualTo("60");
    assertThat(store.list(hdfs.folder("replaced")))
        .extracting(FileStore.Entry::name)
        .containsExactly("job.json");
  }

  @Test
  void whatWasSyncedCanBeReadBeforeTheFileIsClosed() {
    String path = hdfs.folder("journal/segment");
    assertThat(store.syncsBeforeClose(path)).isTrue();
    try (DurableFile file = store.createDurable(path)) {
      file.write("answered".getBytes(StandardCharsets.UTF_8), 0, 8);
      file.sync();

      assertThat(read(path)).isEqualTo("answered");
      try (RandomReads beside = store.openRandom(path)) {
        byte[] bytes = new byte[5];
        assertThat(beside.read(3, bytes)).isEqualTo(5);
        assertThat(new String(bytes, StandardCharsets.UTF_8)).isEqualTo("wered");
        assertThat(beside.read(7, bytes)).isEqualTo(1);
        assertThat(beside.read(8, bytes)).isZero();
      }
    }
  }

  @Test
  void aWholeFolderGoesAndWhatIsNotThereIsNoError() {
    replace(hdfs.folder("gone/a/b"), "x");

    store.delete(hdfs.folder("gone"));
    store.delete(hdfs.folder("gone"));

    assertThat(store.find(hdfs.folder("gone"))).isEmpty();
    assertThat(store.list(hdfs.folder("gone/a"))).isEmpty();
  }
}
