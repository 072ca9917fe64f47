package io.batchinfer.service;

import io.batchinfer.api.DialectJson;
import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchJob;
import io.batchinfer.storage.LineReader;
import io.batchinfer.store.BatchRegistry;
import io.batchinfer.store.StoredContent;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Answers with a job around its results and error rows, line by line as they are stored. */
final class InlineOutputs {
  private static final int CHUNK = 256 << 10;
  private static final int LONGEST_LINE = Integer.MAX_VALUE - 64;

  private final BatchRegistry registry;
  private final BodyStreams streams;

  InlineOutputs(BatchRegistry registry, BodyStreams streams) {
    this.registry = registry;
    this.streams = streams;
  }

  void send(Call call, BatchJob job) {
    byte[][] around = DialectJson.mistralAroundOutputs(job);
    List<BatchFile> files = new ArrayList<>();
    for (@Nullable String id :
        new String[] {job.state().files().output(), job.state().files().errors()}) {
      if (id != null) {
        registry.file(job.workspace(), id).ifPresent(files::add);
      }
    }
    call.response().setChunked(true);
    streams.write(
        call,
        job.workspace(),
        sink -> {
          ByteArrayOutputStream chunk = new ByteArrayOutputStream(CHUNK + 1024);
          chunk.writeBytes(around[0]);
          boolean first = true;
          for (BatchFile file : files) {
            StoredContent content = StoredContent.whole(registry.store(), file);
            try (LineReader lines = new LineReader(content.open(0), 0, LONGEST_LINE)) {
              while (lines.next()) {
                if (!first) {
                  chunk.write(',');
                }
                first = false;
                chunk.write(lines.bytes(), lines.start(), lines.length());
                if (chunk.size() >= CHUNK) {
                  sink.write(chunk.toByteArray());
                  chunk.reset();
                }
              }
            }
          }
          chunk.writeBytes(around[1]);
          sink.write(chunk.toByteArray());
        });
  }
}
