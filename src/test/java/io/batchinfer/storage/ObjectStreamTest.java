package io.batchinfer.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Abortable;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store on which a file appears when it is closed, and whose writes break off in the middle. */
class ObjectStreamTest {
  private static final byte[] RECORD = "0123456789".getBytes(StandardCharsets.UTF_8);

  @TempDir private Path folder;
  private static int takes = Integer.MAX_VALUE;
  private static boolean abortable = true;
  private static int aborted;

  @AfterEach
  void recover() {
    takes = Integer.MAX_VALUE;
    abortable = true;
    aborted = 0;
  }

  /** Publishes on close whatever it has taken by then, as S3A does. */
  public static final class Objects extends RawLocalFileSystem {
    @Override
    public URI getUri() {
      return URI.create("s3a://bucket");
    }

    @Override
    protected void checkPath(org.apache.hadoop.fs.Path path) {}

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
      return new FSDataOutputStream(new Whole(pathToFile(path).toPath()), null);
    }
  }

  private static final class Whole extends FilterOutputStream
      implements StreamCapabilities, Abortable {
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    private final Path file;

    Whole(Path file) {
      super(OutputStream.nullOutputStream());
      this.file = file;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      int left = Math.min(length, takes - taken.size());
      taken.write(bytes, offset, left);
      if (left < length) {
        throw new IOException("the connection is lost");
      }
    }

    @Override
    public void close() throws IOException {
      Files.createDirectories(file.getParent());
      Files.write(file, taken.toByteArray());
    }

    @Override
    public boolean hasCapability(String capability) {
      return abortable && capability.equals(StreamCapabilities.ABORTABLE_STREAM);
    }

    @Override
    public AbortableResult abort() {
      aborted++;
      return new AbortableResult() {
        @Override
        public boolean alreadyClosed() {
          return false;
        }

        @Override
        public @Nullable IOException anyCleanupException() {
          return null;
        }
      };
    }
  }

  private FileStore store() {
    Configuration configuration = new Configuration(false);
    configuration.set("fs.s3a.impl", Objects.class.getName());
    configuration.setBoolean("fs.s3a.impl.disable.cache", true);
    return new HadoopFileStore(configuration);
  }

  private String path(String name) {
    return "s3a://bucket" + folder.resolve(name);
  }

  @Test
  void aRecordThatBreaksOffLeavesTheOldOne() throws IOException {
    store().replace(path("job.json"), "old".getBytes(StandardCharsets.UTF_8));
    takes = 4;

    assertThatThrownBy(() -> store().replace(path("job.json"), RECORD))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("the connection is lost");

    assertThat(folder.resolve("job.json")).hasContent("old");
    assertThat(aborted).isEqualTo(1);
  }

  @Test
  void whatCannotBeAbortedIsNeverClosed() {
    takes = 4;
    abortable = false;

    assertThatThrownBy(() -> store().replace(path("job.json"), RECORD))
        .isInstanceOf(StorageException.class);

    assertThat(folder.resolve("job.json")).doesNotExist();
  }

  @Test
  void aJournalsFileThatBreaksOffDoesNotAppear() {
    takes = 4;
    DurableFile segment = store().createDurable(path("segment"));
    assertThatThrownBy(() -> segment.write(RECORD, 0, RECORD.length))
        .isInstanceOf(StorageException.class);

    segment.close();

    assertThat(folder.resolve("segment")).doesNotExist();
  }

  @Test
  void aWholeFileAppearsWhenItIsClosed() {
    try (DurableFile segment = store().createDurable(path("segment"))) {
      segment.write(RECORD, 2, 3);
      segment.sync();
      assertThat(folder.resolve("segment")).doesNotExist();
    }
    assertThat(folder.resolve("segment")).hasContent("234");
  }

  @Test
  void theStoreSaysWhetherItThrowsAway() {
    assertThat(store().traits(path("d"))).isEqualTo(new StoreTraits(false, false, true));
    abortable = false;
    assertThat(store().traits(path("d"))).isEqualTo(new StoreTraits(false, false, false));
    assertThat(folder.resolve("d/half")).doesNotExist();
  }
}
