package io.batchinfer.storage;

import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.io.compress.BZip2Codec;
import org.apache.hadoop.io.compress.DecompressorStream;
import org.apache.hadoop.io.compress.zlib.BuiltInGzipDecompressor;

/** How an input file is compressed, by its name. */
public enum Compression {
  NONE,
  GZIP,
  ZSTD,
  BZIP2;

  private static final int BUFFER = 1 << 16;

  public static Compression ofName(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    if (lower.endsWith(".gz") || lower.endsWith(".gzip")) {
      return GZIP;
    }
    if (lower.endsWith(".zst") || lower.endsWith(".zstd")) {
      return ZSTD;
    }
    return lower.endsWith(".bz2") ? BZIP2 : NONE;
  }

  /** The plain content; a file that is cut off raises an {@link IOException} while it is read. */
  public InputStream decompress(InputStream in) throws IOException {
    return switch (this) {
      case NONE -> in;
      // The JDK's stream takes a file for ended where the next member's head is not there yet.
      case GZIP -> new DecompressorStream(in, new BuiltInGzipDecompressor(), BUFFER);
      case ZSTD -> new ZstdFrames(in);
      case BZIP2 -> {
        BZip2Codec codec = new BZip2Codec();
        Configuration configuration = new Configuration(false);
        configuration.set("io.compression.codec.bzip2.library", "java-builtin");
        codec.setConf(configuration);
        yield codec.createInputStream(in);
      }
    };
  }
}
