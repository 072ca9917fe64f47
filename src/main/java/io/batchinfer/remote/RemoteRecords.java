package io.batchinfer.remote;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import io.batchinfer.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** Records of this package as bytes, in which they cross between driver and executors. */
public final class RemoteRecords {
  private RemoteRecords() {}

  public static byte[] bytes(Object record) {
    try {
      return Json.MAPPER.writeValueAsBytes(record);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record of numbers and texts is always writable", e);
    }
  }

  /** Reads what {@link #bytes} wrote. */
  public static <T> T read(byte[] bytes, Class<T> type) {
    try {
      return Json.MAPPER.readValue(bytes, type);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads a list of chunks. */
  public static List<Chunk> chunks(byte[] bytes) {
    try {
      return Json.MAPPER.readValue(bytes, new TypeReference<List<Chunk>>() {});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
