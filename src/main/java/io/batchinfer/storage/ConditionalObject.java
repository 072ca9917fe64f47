package io.batchinfer.storage;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * An object that is created only where there is none, decided by the store when it is closed. S3A
 * can from Hadoop 3.4.2 on; a vendor's own S3A, or the store behind it, may say that it can and
 * fail.
 */
final class ConditionalObject {
  /** Hadoop's name for both the capability and the option. */
  private static final String IF_ABSENT = "fs.option.create.conditional.overwrite";

  private final FileSystem fileSystem;
  private final Path path;

  ConditionalObject(FileSystem fileSystem, Path path) {
    this.fileSystem = fileSystem;
    this.path = path;
  }

  /**
   * Tries it.
   *
   * @throws IOException when the thread was interrupted, for nothing else
   */
  Creation create(byte[] content) throws IOException {
    try {
      if (!fileSystem.hasPathCapability(path, IF_ABSENT)) {
        return Creation.UNKNOWN;
      }
      write(content);
      return Creation.DONE;
    } catch (IOException | RuntimeException | LinkageError e) {
      refuseIfInterrupted(e);
      // A refusal has as many forms as there are clients, and may be of a second attempt after a
      // first that was done. What is there now tells.
      return found(content);
    }
  }

  private void write(byte[] content) throws IOException {
    FSDataOutputStreamBuilder<?, ?> file = fileSystem.createFile(path);
    file.overwrite(true);
    file.recursive();
    file.must(IF_ABSENT, true);
    file.opt("fs.s3a.create.performance", true);
    try (ObjectStream out = new ObjectStream(file.build())) {
      out.write(content);
    }
  }

  private Creation found(byte[] content) throws IOException {
    try (FSDataInputStream in = fileSystem.open(path)) {
      return Arrays.equals(in.readAllBytes(), content) ? Creation.DONE : Creation.REFUSED;
    } catch (IOException | RuntimeException | LinkageError e) {
      refuseIfInterrupted(e);
      return Creation.UNKNOWN;
    }
  }

  private static void refuseIfInterrupted(Throwable thrown) throws IOException {
    if (thrown instanceof InterruptedIOException interrupted
        && !(thrown instanceof SocketTimeoutException)) {
      throw interrupted;
    }
  }
}
