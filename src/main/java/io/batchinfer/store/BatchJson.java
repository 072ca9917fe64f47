package io.batchinfer.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.batchinfer.json.Json;
import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.ProgressPoint;
import java.io.IOException;
import java.util.List;

/** The service's own records of files and jobs, as its store keeps them. */
public final class BatchJson {
  /** Records alone: what their other methods say follows from them. */
  private static final ObjectMapper MAPPER =
      JsonMapper.builder(Json.FACTORY)
          .disable(MapperFeature.AUTO_DETECT_IS_GETTERS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private BatchJson() {}

  public static byte[] file(BatchFile file) {
    return bytes(file);
  }

  public static BatchFile parseFile(byte[] json) throws IOException {
    return MAPPER.readValue(json, BatchFile.class);
  }

  public static byte[] job(BatchJob job) {
    return bytes(BatchJobJson.write(job));
  }

  public static BatchJob parseJob(byte[] json) throws IOException {
    return BatchJobJson.read(MAPPER.readTree(json));
  }

  public static byte[] points(List<ProgressPoint> points) {
    return bytes(points);
  }

  public static List<ProgressPoint> parsePoints(byte[] json) throws IOException {
    return List.of(MAPPER.readValue(json, ProgressPoint[].class));
  }

  private static byte[] bytes(Object value) {
    try {
      return MAPPER.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("records of texts and numbers are always writable", e);
    }
  }
}
