package io.batchinfer.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.io.compress.BZip2Codec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CompressionTest {
  private static byte[] compress(Compression compression, byte[] plain) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    switch (compression) {
      case NONE -> out.write(plain);
      case GZIP -> {
        try (OutputStream gzip = new GZIPOutputStream(out)) {
          gzip.write(plain);
        }
      }
      case ZSTD -> out.write(Zstd.compress(plain));
      case BZIP2 -> {
        BZip2Codec codec = new BZip2Codec();
        Configuration configuration = new Configuration(false);
        configuration.set("io.compression.codec.bzip2.library", "java-builtin");
        codec.setConf(configuration);
        try (OutputStream bzip2 = codec.createOutputStream(out)) {
          bzip2.write(plain);
        }
      }
    }
    return out.toByteArray();
  }

  private static byte[] concatenated(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  /** A stream that never knows how much is left, as those of object stores may. */
  private static InputStream networkStream(byte[] content) {
    return new ByteArrayInputStream(content) {
      @Override
      public synchronized int available() {
        return 0;
      }

      @Override
      public synchronized int read(byte[] target, int offset, int length) {
        return super.read(target, offset, Math.min(length, 100));
      }
    };
  }

  private static byte[] decompress(Compression compression, byte[] content) throws IOException {
    try (InputStream in = compression.decompress(networkStream(content))) {
      return in.readAllBytes();
    }
  }

  private static byte[] text(long seed, int length) {
    byte[] text = new byte[length];
    Random random = new Random(seed);
    for (int i = 0; i < length; i++) {
      text[i] = (byte) ('a' + random.nextInt(20));
    }
    return text;
  }

  @ParameterizedTest
  @EnumSource
  void whatWasCompressedComesBack(Compression compression) throws IOException {
    for (int length : new int[] {0, 1, 1000, 500_000}) {
      byte[] plain = text(length, length);
      assertThat(decompress(compression, compress(compression, plain))).isEqualTo(plain);
    }
  }

  @ParameterizedTest
  @EnumSource
  void filesThatWerePutTogetherComeBackWhole(Compression compression) throws IOException {
    byte[] first = text(1, 3000);
    byte[] second = text(2, 10);
    byte[] third = text(3, 200_000);
    byte[] together =
        concatenated(
            compress(compression, first),
            compress(compression, second),
            compress(compression, third));
    assertThat(decompress(compression, together)).isEqualTo(concatenated(first, second, third));
  }

  @ParameterizedTest
  @EnumSource(names = {"GZIP", "ZSTD"})
  void aFileCutAnywhereIsNotTakenForAWholeOne(Compression compression) throws IOException {
    byte[] first = compress(compression, text(1, 300));
    byte[] both = concatenated(first, compress(compression, text(2, 300)));
    List<Integer> unnoticed = new ArrayList<>();
    for (int cut = 1; cut < both.length; cut++) {
      byte[] torn = Arrays.copyOf(both, cut);
      try {
        decompress(compression, torn);
        unnoticed.add(cut - first.length);
      } catch (IOException expected) {
        assertThat(expected).hasMessageNotContaining("null");
      }
    }
    assertThat(unnoticed)
        .as("bytes of the second part, of %d, after which a cut is not noticed", both.length)
        .containsExactly(0);
  }

  @Test
  void aBzip2FileCutInItsContentIsNotTakenForAWholeOne() throws IOException {
    byte[] whole = compress(Compression.BZIP2, text(1, 300));
    for (int cut = whole.length / 4; cut < whole.length * 3 / 4; cut++) {
      byte[] torn = Arrays.copyOf(whole, cut);
      assertThatThrownBy(() -> decompress(Compression.BZIP2, torn), "cut at byte %s", cut)
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void damagedGzipContentIsFound() throws IOException {
    byte[] content = compress(Compression.GZIP, text(1, 3000));
    content[content.length - 6] ^= 1;
    assertThatThrownBy(() -> decompress(Compression.GZIP, content)).isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "a.jsonl,NONE",
    "a.jsonl.gz,GZIP",
    "A.GZ,GZIP",
    "a.gzip,GZIP",
    "a.zst,ZSTD",
    "a.zstd,ZSTD",
    "a.bz2,BZIP2",
    "gz,NONE",
    "a.gz.jsonl,NONE"
  })
  void theNameTellsTheCompression(String name, Compression expected) {
    assertThat(Compression.ofName(name)).isEqualTo(expected);
  }
}
