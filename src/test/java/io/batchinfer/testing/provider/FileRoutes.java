package io.batchinfer.testing.provider;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** What both dialects do with files, and how each shows them. */
final class FileRoutes {
  private final ProviderStore store;

  FileRoutes(ProviderStore store) {
    this.store = store;
  }

  private boolean isOpenAi() {
    return store.settings().dialect() == ProviderDialect.OPENAI;
  }

  /** Keeps a file that could be a batch's input. */
  ProviderReply upload(Upload upload) {
    if (!"batch".equals(upload.fields().get("purpose"))) {
      throw new ProviderRefusal(
          400, "invalid_value", "purpose", "Expected batch: " + upload.fields().get("purpose"));
    }
    if (upload.content().length > store.settings().limits().bytes()) {
      throw new ProviderRefusal(413, "file_too_large", "file", "The file is too large.");
    }
    checkFirstLine(upload.content());
    return ProviderReply.json(200, show(store.addInput(upload.name(), upload.content()), false));
  }

  /** As the real one, which looks at the lines behind it only when a batch begins. */
  private static void checkFirstLine(byte[] content) {
    String first =
        new String(content, StandardCharsets.UTF_8).lines().findFirst().orElse("").strip();
    boolean good;
    try {
      good = Json.MAPPER.readTree(first) instanceof ObjectNode;
    } catch (JsonProcessingException e) {
      good = false;
    }
    if (!good) {
      throw new ProviderRefusal(400, "", "", "Invalid file format for Batch API. Must be .jsonl");
    }
  }

  ProviderReply list(ProviderCall call) {
    List<StoredFile> files = new ArrayList<>(store.listedFiles());
    Collections.reverse(files);
    files.removeIf(
        file ->
            call.query().containsKey("purpose")
                && !call.query().get("purpose").equals(purpose(file)));
    files.removeIf(
        file -> !isOpenAi() && !file.name().contains(call.query().getOrDefault("search", "")));
    List<JsonNode> shown = new ArrayList<>();
    files.forEach(file -> shown.add(show(file, false)));
    return ProviderReply.json(
        200, isOpenAi() ? Pages.byCursor(call, shown, 10_000) : Pages.byNumber(call, shown));
  }

  ProviderReply get(String id) {
    return ProviderReply.json(200, show(store.file(id), true));
  }

  ProviderReply delete(String id) {
    store.deleteFile(store.file(id));
    return ProviderReply.json(
        200, Json.object().put("id", id).put("object", "file").put("deleted", true));
  }

  ProviderReply content(String id) {
    StoredFile file = store.file(id);
    if (store.now() < file.readable()) {
      return Refusals.show(
          store.settings().dialect(),
          new ProviderRefusal(
              file.until(), "not_ready", "", "File is still processing. Check back later."));
    }
    ProviderReply whole = ProviderReply.content(file.content());
    if (file.kind() == StoredFile.Kind.INPUT) {
      return whole;
    }
    if (store.faults().strikes(ProviderFault.CONTENT_BROKEN_OFF)) {
      return whole.brokenOff();
    }
    if (store.faults().strikes(ProviderFault.CONTENT_HALF)) {
      return ProviderReply.content(first(file.content(), file.content().length / 2 + 3));
    }
    if (store.faults().strikes(ProviderFault.CONTENT_CUT_BETWEEN_LINES)) {
      return ProviderReply.content(first(file.content(), betweenLines(file.content())));
    }
    return whole;
  }

  private static byte[] first(byte[] content, int bytes) {
    return Arrays.copyOf(content, Math.min(bytes, content.length - 1));
  }

  private static int betweenLines(byte[] content) {
    for (int i = content.length / 2; i > 0; i--) {
      if (content[i - 1] == '\n') {
        return i;
      }
    }
    return 0;
  }

  private String purpose(StoredFile file) {
    return file.kind() == StoredFile.Kind.INPUT || !isOpenAi() ? "batch" : "batch_output";
  }

  private ObjectNode show(StoredFile file, boolean alone) {
    ObjectNode shown = Json.object();
    shown.put("id", file.id()).put("object", "file").put("bytes", file.content().length);
    shown.put("created_at", file.created() / 1000).put("filename", file.name());
    shown.put("purpose", purpose(file));
    if (isOpenAi()) {
      return shown.put("status", "processed").putNull("status_details");
    }
    String sample =
        switch (file.kind()) {
          case INPUT -> "batch_request";
          case OUTPUT -> "batch_result";
          case ERRORS -> "batch_error";
        };
    shown.put("sample_type", sample);
    shown.put("source", file.kind() == StoredFile.Kind.INPUT ? "upload" : "mistral");
    shown.putNull("num_lines").put("mimetype", "application/jsonl").putNull("signature");
    return alone ? shown.put("deleted", false) : shown;
  }
}
