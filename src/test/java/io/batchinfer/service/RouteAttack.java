package io.batchinfer.service;

import static io.batchinfer.service.AttackedService.MARK;
import static io.batchinfer.service.AttackedService.MAX_UPLOAD;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchinfer.service.RawConnection.Answer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;

/** The kinds of attack that are made on every route that they can be made on. */
enum RouteAttack {
  TRAVERSAL {
    @Override
    void on(AttackedService service, ProperCall call) throws IOException {
      String out = "..%2f..%2fkeys.json";
      List<String> targets = call.naming(out);
      for (String target : targets.isEmpty() ? List.of(call.path() + "/" + out) : targets) {
        refused(send(service, call, target), 404, 403, 405);
      }
      if (call.isForm()) {
        String form = Form.file("../../keys.json", Form.LINE);
        refused(send(service, call, bytes(form)), 400);
      }
    }
  },

  OVERSIZED {
    @Override
    void on(AttackedService service, ProperCall call) throws IOException {
      refused(send(service, call, call.asking("x=" + "y".repeat(9000))), 414);
      refused(send(service, call, call.target(), "X-Y: " + "z".repeat(20_000)), 431);
      if (call.hasBody()) {
        refused(send(service, call, new byte[MAX_UPLOAD + (1 << 20)]), 413);
      }
    }
  },

  SMUGGLING {
    @Override
    void on(AttackedService service, ProperCall call) throws IOException {
      for (String lengths :
          List.of(
              "Content-Length: 0\r\nContent-Length: 5",
              "Content-Length: 6\r\nTransfer-Encoding: chunked",
              "Transfer-Encoding: chunked, identity",
              "Transfer-Encoding: xchunked",
              "Content-Length: +0")) {
        String head = service.head(call.method(), call.target(), call.key());
        List<Answer> answers = all(service, call, head + lengths + "\r\n\r\n0\r\n\r\n");
        assertThat(answers).as(lengths).hasSize(1);
        refused(new Got(answers.get(0), call.isHead()), 400);
      }
    }
  },

  CALL_IN_A_BODY {
    @Override
    boolean appliesTo(ProperCall call) {
      return !call.hasBody();
    }

    @Override
    void on(AttackedService service, ProperCall call) throws IOException {
      String hidden = hidden(service);
      String head =
          service.head(call.method(), call.target(), "wrong")
              + "Content-Length: "
              + hidden.length()
              + "\r\n\r\n";

      // A refusal ends the connection; else the call behind the body is answered, and that alone.
      List<Answer> answers = all(service, call, head + hidden);
      assertThat(answers).as("answers").hasSize(call.needsKey() ? 1 : 2);
      assertThat(answers.get(0).status()).isEqualTo(call.needsKey() ? 401 : 200);
    }
  },

  HEADER_INJECTION {
    @Override
    void on(AttackedService service, ProperCall call) throws IOException {
      List<String> targets = new ArrayList<>(call.naming("x%0d%0aX-" + MARK + ":%201"));
      targets.add(call.asking("x=%0d%0aX-" + MARK + ":%201"));
      for (String target : targets) {
        if (call.method().equals("GET") || call.isHead() || !target.startsWith(call.path())) {
          assertThat(send(service, call, target).answer().head()).doesNotContain(MARK);
        }
      }
      refused(send(service, call, call.target(), "X-Y: a\rX-" + MARK + ": 1"), 400);
      refused(send(service, call, call.target(), "X\0Y: " + MARK), 400);
    }
  },

  QUERY_THAT_IS_NONE {
    @Override
    boolean appliesTo(ProperCall call) {
      return call.method().equals("GET");
    }

    @Override
    void on(AttackedService service, ProperCall call) throws IOException {
      for (String query : List.of("%zz" + MARK + "=1", "x=%zz" + MARK, "limit=%", "page=1%2")) {
        // Where the query does not matter, it is not looked at.
        assertThat(send(service, call, call.asking(query)).answer().status()).isIn(200, 400);
      }
    }
  },

  WRONG_KEY {
    @Override
    boolean appliesTo(ProperCall call) {
      return call.needsKey();
    }

    @Override
    void on(AttackedService service, ProperCall call) throws IOException {
      for (String key : List.of("", "wrong", service.revokedKey, call.key() + "A")) {
        refused(send(service, withKey(call, key), call.target()), 401);
      }
    }
  },

  FOREIGN_ID {
    @Override
    boolean appliesTo(ProperCall call) {
      return !call.isForm();
    }

    @Override
    void on(AttackedService service, ProperCall call) throws IOException {
      for (String id : service.strangersIds()) {
        String unknown = id.startsWith("batch_") ? "batch_" + "0".repeat(32) : NOBODYS;
        for (String target : call.naming(id)) {
          refused(send(service, call, target), 404, 403);
        }
        if (call.needsKey() && !call.naming(id).isEmpty()) {
          Got strange = send(service, call, call.naming(id).get(0));
          Got none = send(service, call, call.naming(unknown).get(0));
          assertThat(strange.comparable(id)).isEqualTo(none.comparable(unknown));
        }
        if (call.method().equals("GET")) {
          assertThat(send(service, call, call.target()).answer().text())
              .doesNotContain("\"id\":\"" + id);
        }
      }
      if (!call.strangers().isEmpty()) {
        Answer answer = send(service, call, bytes(call.strangers())).answer();
        if (answer.status() == 200) {
          String id = AttackedService.JSON.readTree(answer.body()).get("id").textValue();
          JsonNode ended = service.ended(id);
          assertThat(ended.path("status").asText()).isEqualTo("failed");
          assertThat(ended.at("/errors/data/0/code").asText()).isEqualTo("invalid_request");
        } else {
          refused(new Got(answer, false), 404);
        }
      }
      service.assertStrangersAreThere();
    }
  },

  HOST_OVERRIDE {
    @Override
    void on(AttackedService service, ProperCall call) throws IOException {
      for (String host : List.of("evil.example/x?", "user@evil.example", "evil.example:99999")) {
        String head = service.head(call.method(), call.target(), call.key());
        String changed = head.replaceFirst("Host: [^\r]*", "Host: " + host);
        List<Answer> answers = all(service, call, changed + "\r\n");
        assertThat(answers).as(host).hasSize(1);
        refused(new Got(answers.get(0), call.isHead()), 400);
      }
      if (call.method().equals("GET")) {
        Answer answer = send(service, call, "http://evil.example" + call.target()).answer();
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.head() + answer.text()).doesNotContain("evil.example");
      }
    }
  },

  ZIP_BOMB {
    @Override
    boolean appliesTo(ProperCall call) {
      return call.hasBody();
    }

    @Override
    void on(AttackedService service, ProperCall call) throws IOException {
      ByteArrayOutputStream bomb = new ByteArrayOutputStream();
      try (GZIPOutputStream gzip = new GZIPOutputStream(bomb)) {
        gzip.write(new byte[10 << 20]);
      }
      refused(send(service, call, bomb.toByteArray(), "Content-Encoding: gzip"), 415);
      refused(send(service, call, bomb.toByteArray()), 400);
    }
  },

  BAD_MULTIPART {
    @Override
    boolean appliesTo(ProperCall call) {
      return call.hasBody();
    }

    @Override
    void on(AttackedService service, ProperCall call) throws IOException {
      String form = Form.file("a.jsonl", Form.LINE);
      for (String bad :
          List.of(
              form.replace(Form.END, ""),
              form.replace("\r\n" + Form.END, "\r\n--" + Form.BOUNDARY.substring(1)),
              Form.field("a", "b").repeat(5000) + form,
              form.replace(": form-data", ": "),
              "x".repeat(200_000) + "\r\n" + form)) {
        refused(send(service, call, bytes(bad)), 400);
      }
    }
  },

  JSON_DEPTH {
    @Override
    boolean appliesTo(ProperCall call) {
      return call.hasBody();
    }

    @Override
    void on(AttackedService service, ProperCall call) throws IOException {
      for (String deep : List.of("[".repeat(100_000), "{\"a\":".repeat(100_000))) {
        String json = "{\"model\":" + deep;
        refused(send(service, call, bytes(call.isForm() ? Form.file("a", json) : json)), 400);
      }
    }
  };

  private static final String NOBODYS = new UUID(0, 0).toString();

  boolean appliesTo(ProperCall call) {
    return true;
  }

  /** Makes the attack, which must fail. */
  abstract void on(AttackedService service, ProperCall call) throws IOException;

  /** An answer, and whether it is one without a body. */
  record Got(Answer answer, boolean bodyless) {
    /** Without what differs from call to call. */
    String comparable(String id) {
      return (answer.head() + answer.text())
          .replace(answer.header("x-request-id").orElseThrow(), "REQUEST")
          .replace(id, "ID");
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static ProperCall withKey(ProperCall call, String key) {
    return new ProperCall(
        call.method(),
        call.pattern(),
        call.target(),
        key,
        call.type(),
        call.body(),
        call.strangers());
  }

  static void refused(Got got, Integer... statuses) throws IOException {
    if (got.bodyless()) {
      assertThat(got.answer().status()).isIn((Object[]) statuses);
    } else {
      AttackedService.assertRefused(got.answer(), statuses);
    }
    assertThat(got.answer().head() + got.answer().text()).doesNotContain("java.", "Exception");
  }

  static Got send(AttackedService service, ProperCall call, String target, String... headers)
      throws IOException {
    return send(service, call, target, call.body(), headers);
  }

  static Got send(AttackedService service, ProperCall call, byte[] body, String... headers)
      throws IOException {
    return send(service, call, call.target(), body, headers);
  }

  static Got send(
      AttackedService service, ProperCall call, String target, byte[] body, String... headers)
      throws IOException {
    if (!call.hasBody()) {
      return new Got(service.call(call.method(), target, call.key(), headers), call.isHead());
    }
    List<String> all = new ArrayList<>(List.of(headers));
    all.add("Content-Type: " + call.type());
    return new Got(
        service.call(call.method(), target, call.key(), body, all.toArray(String[]::new)), false);
  }

  /** What an attacker hides behind a request: a call that would be answered with 200. */
  private static String hidden(AttackedService service) {
    return service.head("GET", "/v1/files", service.acmeKey) + "Connection: close\r\n\r\n";
  }

  /** All answers to a request with a call hidden behind it, until the connection ends. */
  private static List<Answer> all(AttackedService service, ProperCall call, String sent)
      throws IOException {
    try (RawConnection connection = service.connect()) {
      connection.trySend(RawConnection.latin(sent + hidden(service)));
      List<Answer> answers = new ArrayList<>();
      for (Optional<Answer> next = connection.answer(call.isHead());
          next.isPresent();
          next = connection.answer(false)) {
        answers.add(next.get());
      }
      return answers;
    }
  }
}
