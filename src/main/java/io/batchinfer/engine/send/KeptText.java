package io.batchinfer.engine.send;

import io.batchinfer.client.Reply;
import io.batchinfer.model.RowOutcome.Unreadable;
import io.batchinfer.row.StoredBody;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Keeps what an endpoint answered with success and what cannot be read: it is paid for, and whoever
 * paid should see it. Thread-safe.
 */
final class KeptText {
  /** Characters of an answer that are kept; the beginning tells what it is. */
  static final int MOST_CHARACTERS = 65_536;

  /** Enough for that many characters in every encoding, and for a secret across the end. */
  private static final int MOST_BYTES = 8 * MOST_CHARACTERS;

  private static final Pattern CHARSET =
      Pattern.compile("(?i);\\s*charset\\s*=\\s*\"?([a-z0-9._:-]{1,40})");

  private final SecretMask mask;

  KeptText(SecretMask mask) {
    this.mask = mask;
  }

  Unreadable of(Reply reply, String requestId) {
    String type = header(reply, "content-type");
    String encoding = header(reply, "content-encoding");
    byte[] body = reply.body();
    String text = mask.apply(new String(body, 0, Math.min(body.length, MOST_BYTES), charset(type)));
    boolean whole = body.length <= MOST_BYTES && text.length() <= MOST_CHARACTERS;
    String kept = whole ? text : beginning(text);
    String what =
        reply.form() == Reply.Form.ENCODED
            ? "with a Content-Encoding (\"%s\") that is not understood, or broken"
                .formatted(encoding)
            : "that cannot be read as one JSON value";
    String howMuch =
        whole
            ? "They are kept as text"
            : "The first %,d characters are kept as text".formatted(kept.length());
    return new Unreadable(
        reply.status(),
        requestId,
        type,
        StoredBody.ofText(kept.getBytes(StandardCharsets.UTF_8)),
        "The endpoint answered %d with %,d bytes%s %s. %s; the request has run, and only --retry-failed sends it again."
            .formatted(
                reply.status(), body.length, type.isEmpty() ? "" : " of " + type, what, howMuch));
  }

  private static String beginning(String text) {
    int end = Math.min(text.length(), MOST_CHARACTERS);
    boolean cutsPair =
        end > 0 && end < text.length() && Character.isHighSurrogate(text.charAt(end - 1));
    return text.substring(0, cutsPair ? end - 1 : end);
  }

  private String header(Reply reply, String name) {
    String value = reply.headers().get(name);
    return value == null ? "" : mask.apply(value);
  }

  /** As the endpoint states it, or UTF-8. */
  private static Charset charset(String contentType) {
    Matcher stated = CHARSET.matcher(contentType);
    if (stated.find()) {
      try {
        return Charset.forName(stated.group(1));
      } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
        return StandardCharsets.UTF_8;
      }
    }
    return StandardCharsets.UTF_8;
  }
}
