package io.batchinfer.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Filesystems that can create a file only where there is none, say that they can, or cannot. */
class ConditionalObjectTest {
  private static final byte[] MINE = "mine".getBytes(StandardCharsets.UTF_8);
  private static final byte[] OTHER = "other".getBytes(StandardCharsets.UTF_8);
  private static final String OPTION = "fs.option.create.conditional.overwrite";

  @TempDir private Path folder;
  private Path file;
  private boolean says = true;
  private OnClose onClose = ConditionalObjectTest::createNew;

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("lock");
  }

  /** What becomes of a file when it is closed. */
  @FunctionalInterface
  private interface OnClose {
    void store(Path file, byte[] content) throws IOException;
  }

  private static void createNew(Path file, byte[] content) throws IOException {
    Files.write(file, content, StandardOpenOption.CREATE_NEW);
  }

  private final class Conditional extends RawLocalFileSystem {
    @Override
    public boolean hasPathCapability(org.apache.hadoop.fs.Path path, String capability) {
      return says && capability.equals(OPTION);
    }

    @Override
    public FSDataOutputStreamBuilder<?, ?> createFile(org.apache.hadoop.fs.Path path) {
      return new Builder(this, path);
    }
  }

  private final class Builder extends FSDataOutputStreamBuilder<FSDataOutputStream, Builder> {
    Builder(FileSystem fileSystem, org.apache.hadoop.fs.Path path) {
      super(fileSystem, path);
    }

    @Override
    public Builder getThisBuilder() {
      return this;
    }

    @Override
    public FSDataOutputStream build() throws IOException {
      assertThat(getMandatoryKeys()).isEqualTo(Set.of(OPTION));
      OutputStream out =
          new ByteArrayOutputStream() {
            @Override
            public void close() throws IOException {
              onClose.store(file, toByteArray());
            }
          };
      return new FSDataOutputStream(out, null);
    }
  }

  private Creation create() throws IOException {
    try (Conditional fileSystem = new Conditional()) {
      fileSystem.initialize(fileSystem.getUri(), new Configuration(false));
      return new ConditionalObject(fileSystem, new org.apache.hadoop.fs.Path(file.toString()))
          .create(MINE);
    }
  }

  @Test
  void theFirstOneCreatesAndTheSecondOneIsRefused() throws IOException {
    assertThat(create()).isEqualTo(Creation.DONE);

    Files.write(file, OTHER);
    assertThat(create()).isEqualTo(Creation.REFUSED);
    assertThat(file).hasBinaryContent(OTHER);
  }

  @Test
  void aCreateWhoseAnswerWasLostIsDoneAndItsSecondAttemptToo() throws IOException {
    onClose =
        (file, content) -> {
          createNew(file, content);
          throw new FileAlreadyExistsException("412 of the second attempt");
        };
    assertThat(create()).isEqualTo(Creation.DONE);
    assertThat(create()).isEqualTo(Creation.DONE);
  }

  @Test
  void whatDoesNotSayThatItCanIsNotAsked() throws IOException {
    says = false;

    assertThat(create()).isEqualTo(Creation.UNKNOWN);
    assertThat(file).doesNotExist();
  }

  @Test
  void whatSaysThatItCanAndFailsIsTakenAsIfItCouldNot() throws IOException {
    onClose =
        (file, content) -> {
          throw new NoSuchMethodError("of another version");
        };
    assertThat(create()).isEqualTo(Creation.UNKNOWN);
    onClose =
        (file, content) -> {
          throw new IllegalArgumentException("unknown option");
        };
    assertThat(create()).isEqualTo(Creation.UNKNOWN);
    onClose =
        (file, content) -> {
          throw new SocketTimeoutException("no answer");
        };
    assertThat(create()).isEqualTo(Creation.UNKNOWN);
  }

  @Test
  void anInterruptIsNotTakenForAnAnswer() {
    onClose =
        (file, content) -> {
          throw new InterruptedIOException("by the user");
        };
    assertThatThrownBy(this::create).hasMessage("by the user");
  }
}
