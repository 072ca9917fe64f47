package io.batchinfer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.storage.FileStores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;

class ScratchFolderTest {
  @Test
  void isForItsUserAloneAndGoesWithWhatItHolds() throws IOException {
    Path folder;
    try (ScratchFolder scratch = ScratchFolder.make(new FileStores(Configuration::new))) {
      folder = Path.of(scratch.path().substring("file:".length()));
      Files.createDirectory(folder.resolve("in"));
      Files.writeString(folder.resolve("in/staged"), "{}");

      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
          .isEqualTo("rwx------");
    }
    assertThat(folder).doesNotExist();
  }
}
