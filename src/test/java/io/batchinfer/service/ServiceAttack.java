package io.batchinfer.service;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Attacks on one service, which must be unharmed after each. */
abstract class ServiceAttack {
  @TempDir private static Path folder;

  static AttackedService service;

  @BeforeAll
  static void start() throws IOException {
    service = new AttackedService(folder, Patience.DEFAULT);
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @AfterEach
  void nothingIsHarmed() throws IOException {
    service.assertUnharmed();
  }
}
