package io.batchinfer.pack;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.json.Json;
import io.batchinfer.model.endpoint.Endpoints;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/**
 * A row's request whose one input may go out among those of other rows: a text, or a list of
 * tokens, by itself or as the only one of an array. Immutable.
 */
public final class Packable {
  /** What an input is; the inputs of one request are all of a kind. */
  enum Kind {
    TEXT,
    TOKENS
  }

  private final OutboundRequest request;
  private final byte[] body;
  private final Kind kind;
  private final Slice field;
  private final Slice input;
  private final long size;
  private final Likeness likeness;

  /** Bytes of a body, the last excluded. */
  private record Slice(int from, int to) {
    int length() {
      return to - from;
    }
  }

  private record Input(Kind kind, Slice slice, long size) {}

  private Packable(OutboundRequest request, byte[] body, Slice field, Input input) {
    this.request = request;
    this.body = body;
    this.kind = input.kind;
    this.field = field;
    this.input = input.slice;
    this.size = input.size;
    this.likeness = Likeness.of(this);
  }

  /**
   * Takes a request apart; empty where it holds no input or several, or where its endpoint takes no
   * array of them.
   */
  public static Optional<Packable> of(OutboundRequest request) {
    Optional<String> name = Endpoints.at(request.path()).inputsField();
    if (name.isEmpty() || !(request.entity() instanceof OutboundRequest.Json json)) {
      return Optional.empty();
    }
    byte[] body = json.content();
    try (JsonParser parser = Json.parser(body, 0, body.length)) {
      return read(request, body, name.get(), parser);
    } catch (IOException e) {
      // The endpoint says what is wrong with it.
      return Optional.empty();
    }
  }

  private static Optional<Packable> read(
      OutboundRequest request, byte[] body, String name, JsonParser parser) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      return Optional.empty();
    }
    Optional<Packable> found = Optional.empty();
    int times = 0;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      boolean isInput = parser.currentName().equals(name);
      parser.nextToken();
      if (!isInput) {
        parser.skipChildren();
        continue;
      }
      times++;
      int from = offset(parser);
      Optional<Input> input = input(parser);
      Slice field = new Slice(from, end(parser));
      found = input.map(each -> new Packable(request, body, field, each));
    }
    // Which of two inputs counts is the endpoint's to say.
    return times == 1 ? found : Optional.empty();
  }

  /** Reads the value that the parser stands on to its end. */
  private static Optional<Input> input(JsonParser parser) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      return Optional.of(text(parser));
    }
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      parser.skipChildren();
      return Optional.empty();
    }
    int from = offset(parser);
    Optional<Input> only = Optional.empty();
    int others = 0;
    long tokens = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
        tokens++;
      } else if (parser.currentToken() == JsonToken.VALUE_STRING) {
        others++;
        only = Optional.of(text(parser));
      } else if (parser.currentToken() == JsonToken.START_ARRAY) {
        others++;
        only = tokens(parser);
      } else {
        others += 2;
        parser.skipChildren();
      }
    }
    if (tokens > 0) {
      Slice whole = new Slice(from, end(parser));
      return others == 0 ? Optional.of(new Input(Kind.TOKENS, whole, tokens)) : Optional.empty();
    }
    return others == 1 ? only : Optional.empty();
  }

  private static Input text(JsonParser parser) throws IOException {
    int from = offset(parser);
    parser.finishToken();
    Slice slice = new Slice(from, end(parser));
    return new Input(Kind.TEXT, slice, Math.max(1, slice.length() - 2));
  }

  private static Optional<Input> tokens(JsonParser parser) throws IOException {
    int from = offset(parser);
    long tokens = 0;
    boolean whole = true;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      whole &= parser.currentToken() == JsonToken.VALUE_NUMBER_INT;
      tokens++;
      parser.skipChildren();
    }
    return whole && tokens > 0
        ? Optional.of(new Input(Kind.TOKENS, new Slice(from, end(parser)), tokens))
        : Optional.empty();
  }

  private static int offset(JsonParser parser) {
    return (int) parser.currentTokenLocation().getByteOffset();
  }

  private static int end(JsonParser parser) {
    return (int) parser.currentLocation().getByteOffset();
  }

  /** The row's own request. */
  public OutboundRequest request() {
    return request;
  }

  Kind kind() {
    return kind;
  }

  /** Which other rows' requests it may go with. */
  Likeness likeness() {
    return likeness;
  }

  /** How large its input is: bytes of a text, or tokens. */
  long size() {
    return size;
  }

  /** Bytes of its input in a request. */
  int bytes() {
    return input.length();
  }

  /** Its body up to the input. */
  byte[] before() {
    return copy(0, field.from);
  }

  /** Its body behind the input. */
  byte[] behind() {
    return copy(field.to, body.length);
  }

  private byte[] copy(int from, int to) {
    return Arrays.copyOfRange(body, from, to);
  }

  void writeInput(ByteArrayOutputStream out) {
    out.write(body, input.from, input.length());
  }
}
