package io.batchinfer.cli;

import io.batchinfer.storage.StorageException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Bytes for standard output. A reader that went away is told apart from a disk that is full. */
final class StandardOutput extends OutputStream {
  private static final Path ITSELF = Path.of("/proc/self/fd/1");

  private final OutputStream out;
  private final boolean pipe;

  private StandardOutput(OutputStream out, boolean pipe) {
    this.out = out;
    this.pipe = pipe;
  }

  /** That whoever reads has seen enough. */
  static final class ReaderGone extends IOException {
    private ReaderGone(IOException cause) {
      super("the reader of standard output is gone", cause);
    }
  }

  static OutputStream open() {
    return new StandardOutput(new FileOutputStream(FileDescriptor.out), isPipe());
  }

  static OutputStream over(OutputStream out, boolean pipe) {
    return new StandardOutput(out, pipe);
  }

  private static boolean isPipe() {
    try {
      return Files.readSymbolicLink(ITSELF).toString().startsWith("pipe:");
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  private IOException failed(IOException e) {
    String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    if (pipe || message.contains("broken pipe")) {
      return new ReaderGone(e);
    }
    throw new StorageException("Cannot write to standard output", e);
  }

  @Override
  public void write(int b) throws IOException {
    try {
      out.write(b);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  @Override
  public void flush() throws IOException {
    try {
      out.flush();
    } catch (IOException e) {
      throw failed(e);
    }
  }
}
