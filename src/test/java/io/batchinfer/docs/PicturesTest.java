package io.batchinfer.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.report.page.SampleJob;
import io.batchinfer.testing.Pictures;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/** The documentation's pictures show the pages as they are. */
class PicturesTest {
  @Test
  void theServicesPageIsAsItsPicturesShowIt() throws IOException {
    assertThat(Files.readString(Pictures.SERVICE.sumFile()).strip())
        .as("The page has changed since its pictures were made: scripts/pictures makes new ones.")
        .isEqualTo(Pictures.SERVICE.sum());
  }

  @Test
  void theReportIsAsItsPictureShowsIt() throws IOException {
    assertThat(Files.readString(Pictures.REPORT.sumFile()).strip())
        .as("The report has changed since its picture was made: scripts/pictures makes a new one.")
        .isEqualTo(Pictures.REPORT.sum(SampleJob.pictured()));
  }
}
