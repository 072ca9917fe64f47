package io.batchinfer.pack;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The items of a pack's answer, each of which says by its {@code index} which input it answers. One
 * item may leave out its index when that is 0: servers that make JSON of protocol buffers leave out
 * every 0, as Gemini's does. Anything else that is not each index once tells nothing for sure of
 * any item: one server numbers from 1, another gives all the same number.
 *
 * @see <a href="https://platform.openai.com/docs/api-reference/embeddings/object">index in the list
 *     of embeddings</a>
 */
final class PackedItems implements SharedPart {
  private final byte[] body;
  private final int start;
  private final int from;
  private int to;
  private final @Nullable Item[] byIndex;
  private @Nullable Item unnumbered;
  private int count;
  private @Nullable String problem;

  /**
   * An item where it stands in the body.
   *
   * @param indexFrom where its index begins, -1 where it has none
   */
  private record Item(int from, int to, int indexFrom, int indexTo) {}

  private PackedItems(byte[] body, int start, int from, int rows) {
    this.body = body;
    this.start = start;
    this.from = from;
    this.byIndex = new @Nullable Item[rows];
  }

  /**
   * Reads the value that the parser stands on to its end.
   *
   * @param start where in the body the parser began
   */
  static PackedItems read(JsonParser parser, byte[] body, int start, int rows) throws IOException {
    int from = start + (int) parser.currentTokenLocation().getByteOffset();
    PackedItems items = new PackedItems(body, start, from, rows);
    if (parser.currentToken() == JsonToken.START_ARRAY) {
      items.readItems(parser);
      items.compare();
    } else {
      parser.skipChildren();
      parser.finishToken();
      items.fail("its data is no list");
    }
    items.to = start + (int) parser.currentLocation().getByteOffset();
    return items;
  }

  private void readItems(JsonParser parser) throws IOException {
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      count++;
      if (parser.currentToken() == JsonToken.START_OBJECT) {
        readItem(parser);
      } else {
        parser.skipChildren();
        fail("an item of it is no object");
      }
    }
  }

  private void readItem(JsonParser parser) throws IOException {
    int from = offset(parser);
    int indexFrom = -1;
    int indexTo = -1;
    int index = -1;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      boolean isIndex = parser.currentName().equals("index");
      JsonToken value = parser.nextToken();
      if (!isIndex || value == JsonToken.VALUE_NULL) {
        parser.skipChildren();
      } else if (indexFrom >= 0) {
        parser.skipChildren();
        fail("an item of it has two indexes");
      } else if (value == JsonToken.VALUE_NUMBER_INT
          && parser.getNumberType() == JsonParser.NumberType.INT) {
        index = parser.getIntValue();
        indexFrom = offset(parser);
        indexTo = indexFrom + parser.getTextLength();
        if (index < 0 || index >= byIndex.length) {
          fail("an item of it has the index " + index);
        }
      } else {
        indexFrom = offset(parser);
        parser.skipChildren();
        fail("the index of an item is no whole number");
      }
    }
    Item item =
        new Item(from, start + (int) parser.currentLocation().getByteOffset(), indexFrom, indexTo);
    if (problem == null) {
      add(item, index);
    }
  }

  private void add(Item item, int index) {
    if (index < 0) {
      if (unnumbered != null) {
        fail("several items of it have no index");
      }
      unnumbered = item;
    } else if (byIndex[index] != null) {
      fail("two items of it have the index " + index);
    } else {
      byIndex[index] = item;
    }
  }

  private void compare() {
    if (count != byIndex.length) {
      fail("it has %,d items".formatted(count));
    } else if (unnumbered != null && problem == null) {
      if (byIndex[0] == null) {
        byIndex[0] = unnumbered;
      } else {
        fail("an item of it has no index");
      }
    }
  }

  private void fail(String words) {
    problem = problem == null ? words : problem;
  }

  private int offset(JsonParser parser) {
    return start + (int) parser.currentTokenLocation().getByteOffset();
  }

  /** Why it is not known which item answers which input, as the end of a sentence. */
  Optional<String> problem() {
    return Optional.ofNullable(problem);
  }

  @Override
  public int from() {
    return from;
  }

  @Override
  public int to() {
    return to;
  }

  /** Writes a list of the row's item alone, as if there had been no other. */
  @Override
  public void write(Shares shares, int row, ByteArrayOutputStream out) {
    Item item = problem == null ? byIndex[row] : null;
    out.write('[');
    if (item != null) {
      int at = item.from;
      if (item.indexFrom >= 0) {
        out.write(body, at, item.indexFrom - at);
        out.write('0');
        at = item.indexTo;
      }
      out.write(body, at, item.to - at);
    }
    out.write(']');
  }
}
