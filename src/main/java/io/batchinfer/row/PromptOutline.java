package io.batchinfer.row;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.batchinfer.json.Json;
import java.io.IOException;

/**
 * Where in a body those of its top-level fields stand that a server makes a prompt of, and what
 * they hold besides text. Gathered while a line is read, so that nobody has to read it again.
 */
public final class PromptOutline {
  /** Fields that a prompt is made of. */
  static final int FIELDS = 8;

  private static final int MODEL = 0;
  private static final int TOOLS = 1;

  /** Where the body begins among the bytes that are read. */
  private final int base;

  /** Where values begin, by field; 0 where there is no such field: a body begins with a brace. */
  private final int[] starts = new int[FIELDS];

  /** Where the token behind them begins: a comma and white space may be before it. */
  private final int[] ends = new int[FIELDS];

  private boolean images;

  /** Whether fields stand elsewhere in the body that is sent. */
  private boolean moved;

  /** The field whose end is not known yet, or -1. */
  private int open = -1;

  /**
   * @param base where the body begins among the bytes of the parser
   */
  PromptOutline(int base) {
    this.base = base;
  }

  /**
   * Reads a body.
   *
   * @throws IllegalArgumentException where it is no JSON object
   */
  public static PromptOutline of(byte[] body) {
    PromptOutline outline = new PromptOutline(0);
    try (JsonParser parser = Json.FACTORY.createParser(body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("a body that was parsed before is no JSON object");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        outline.next(parser);
        String name = parser.currentName();
        parser.nextToken();
        outline.value(name, parser);
      }
      outline.next(parser);
    } catch (IOException e) {
      throw new IllegalArgumentException("a body that was parsed before is no JSON", e);
    }
    return outline;
  }

  /** Has to be told of each top-level field's name, and of the body's closing brace. */
  void next(JsonParser parser) {
    if (open >= 0) {
      ends[open] = position(parser);
      open = -1;
    }
  }

  /** The model begins, which whoever reads the body reads itself. */
  void model(JsonParser parser) {
    begins(MODEL, parser);
  }

  /**
   * Takes in the value of another field, or skips it.
   *
   * @param parser at the value's first token; afterwards at its last one
   */
  void value(String name, JsonParser parser) throws IOException {
    int field = field(name);
    if (field < 0) {
      parser.skipChildren();
      return;
    }
    begins(field, parser);
    if (parser.currentToken().isStructStart()) {
      look(parser);
    }
  }

  /** What is sent is not what was read: something was filled in. */
  void moved() {
    moved = true;
  }

  private void begins(int field, JsonParser parser) {
    starts[field] = position(parser);
    open = field;
  }

  /** Looks for images up to the end of an array or object. */
  private void look(JsonParser parser) throws IOException {
    boolean isType = false;
    for (int depth = 1; depth > 0; ) {
      JsonToken token = parser.nextToken();
      boolean ofType = isType;
      isType = false;
      if (token == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        images |= name.equals("image_url");
        isType = name.equals("type");
      } else if (token.isStructStart()) {
        depth++;
      } else if (token.isStructEnd()) {
        depth--;
      } else if (ofType && token == JsonToken.VALUE_STRING) {
        String value = parser.getText();
        images |= value.equals("image_url") || value.equals("input_image");
      }
    }
  }

  private int position(JsonParser parser) {
    return (int) parser.currentTokenLocation().getByteOffset() - base;
  }

  /** Its place in the order in which chat templates put fields before the model, or -1. */
  private static int field(String name) {
    return switch (name) {
      case "model" -> MODEL;
      case "tools" -> TOOLS;
      case "functions" -> 2;
      case "system" -> 3;
      case "instructions" -> 4;
      case "messages" -> 5;
      case "prompt" -> 6;
      case "input" -> 7;
      default -> -1;
    };
  }

  /** Whether the request shows the model images. */
  public boolean hasImages() {
    return images;
  }

  /** Whether the request gives the model tools. */
  public boolean hasTools() {
    return starts[TOOLS] > 0;
  }

  /** The outline of what is sent, which is read again where it is not what stood in the line. */
  PromptOutline in(byte[] body) {
    return moved ? of(body) : this;
  }

  /** Where a field's value begins in the body. */
  int start(int field) {
    return starts[field];
  }

  /** Where a field's value ends in the body; as {@link #start} where there is no such field. */
  int end(int field, byte[] body) {
    int end = ends[field];
    while (end > starts[field] && isBetween(body[end - 1])) {
      end--;
    }
    return end;
  }

  private static boolean isBetween(byte one) {
    return one == ',' || one == ' ' || one == '\n' || one == '\r' || one == '\t';
  }
}
