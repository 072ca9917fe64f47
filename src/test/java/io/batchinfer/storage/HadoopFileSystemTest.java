package io.batchinfer.storage;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;

class HadoopFileSystemTest {
  private static final String STREAM = "fs.s3a.input.stream.type";

  @Test
  void s3aReadsWithTheStreamThatGoesOnUnlessTheUserWantsAnother() {
    Configuration untouched = new Configuration();
    String before = untouched.get(STREAM);

    assertThat(HadoopFileSystem.withDefaults(untouched).get(STREAM)).isEqualTo("classic");
    assertThat(untouched.get(STREAM)).isEqualTo(before);

    Configuration own = new Configuration();
    own.set(STREAM, "analytics");
    assertThat(HadoopFileSystem.withDefaults(own)).isSameAs(own);
  }
}
