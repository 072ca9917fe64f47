package io.batchinfer.engine.plan;

import io.batchinfer.job.JobFolder;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.Compression;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes the plain content of a compressed file as pieces that end at line ends, once per job. */
public final class Transcoder {
  private static final int BUFFER = 1 << 18;

  private final JobFolder folder;

  public Transcoder(JobFolder folder) {
    this.folder = folder;
  }

  /**
   * Unpacks a file.
   *
   * @return paths of the pieces with their sizes in bytes, {@code path\tbytes} each
   */
  public List<String> transcode(int file, String path) {
    List<String> pieces = new ArrayList<>();
    try (InputStream packed = new BufferedInputStream(folder.store().open(path, 0), BUFFER);
        InputStream plain = Compression.ofName(path).decompress(packed)) {
      new Cutter(file, pieces).cut(plain);
    } catch (IOException e) {
      throw new BatchException(
          ErrorCode.INVALID_INPUT,
          "Cannot unpack \"%s\": %s. The file is damaged or cut off, or its name says the wrong compression; nothing was sent."
              .formatted(
                  path, e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()),
          e);
    }
    return pieces;
  }

  private final class Cutter {
    private final int file;
    private final List<String> pieces;
    private @Nullable OutputStream out;
    private String path = "";
    private long written;

    Cutter(int file, List<String> pieces) {
      this.file = file;
      this.pieces = pieces;
    }

    void cut(InputStream plain) throws IOException {
      byte[] buffer = new byte[BUFFER];
      // Whole buffers only, so that the same file always gives the same pieces.
      int read = plain.readNBytes(buffer, 0, BUFFER);
      while (read > 0) {
        int from = 0;
        if (written >= ScanUnit.BYTES) {
          for (int i = 0; i < read; i++) {
            if (buffer[i] == '\n') {
              write(buffer, 0, i + 1);
              finishPiece();
              from = i + 1;
              break;
            }
          }
        }
        write(buffer, from, read - from);
        read = plain.readNBytes(buffer, 0, BUFFER);
      }
      finishPiece();
    }

    private void write(byte[] bytes, int offset, int length) throws IOException {
      if (length == 0) {
        return;
      }
      OutputStream stream = out;
      if (stream == null) {
        path = folder.staged() + "/file-%05d-piece-%05d.jsonl".formatted(file, pieces.size());
        stream = folder.store().create(path);
        out = stream;
        written = 0;
      }
      stream.write(bytes, offset, length);
      written += length;
    }

    private void finishPiece() throws IOException {
      OutputStream stream = out;
      if (stream != null) {
        stream.close();
        pieces.add(path + "\t" + written);
        out = null;
        written = 0;
      }
    }
  }
}
