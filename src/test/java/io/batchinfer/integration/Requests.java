package io.batchinfer.integration;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Input sets for tests. */
final class Requests {
  private Requests() {}

  /** Chat requests with ids {@code req-0000000} upwards, in OpenAI's format, sized by the seed. */
  static Path chat(Path file, int rows, long seed) throws IOException {
    Random random = new Random(seed);
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      for (int i = 0; i < rows; i++) {
        out.write(line(i, "word ".repeat(1 + random.nextInt(60))));
      }
    }
    return file;
  }

  static String line(int number, String text) {
    return """
        {"custom_id":"req-%07d","method":"POST","url":"/v1/chat/completions","body":{"model":"m","messages":[{"role":"user","content":"%s req-%07d"}],"max_tokens":40}}
        """
        .formatted(number, text, number);
  }

  /** The ids of a set of {@link #chat} requests, in order. */
  static List<String> ids(int rows) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      ids.add("req-%07d".formatted(i));
    }
    return ids;
  }
}
