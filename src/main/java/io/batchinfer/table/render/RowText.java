package io.batchinfer.table.render;

import com.fasterxml.jackson.core.JsonGenerator;
import io.batchinfer.table.render.RequestTemplate.Literal;
import io.batchinfer.table.render.RequestTemplate.Part;
import io.batchinfer.table.render.RequestTemplate.Reference;
import io.batchinfer.table.render.TableColumns.Found;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.jspecify.annotations.Nullable;

/** A template whose columns have their places in the projected row. Immutable. */
final class RowText implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int LITERAL = -1;

  private final List<Piece> pieces;

  private RowText(List<Piece> pieces) {
    this.pieces = List.copyOf(pieces);
  }

  /**
   * @param place of the text in the projected row, or {@link #LITERAL}
   * @param text literal, or what stands for a null; null where nothing does
   * @param name of the column, for messages
   */
  @SuppressWarnings("ArrayRecordComponent")
  private record Piece(int place, byte @Nullable [] text, String name) implements Serializable {}

  /** Parses a template and gives its columns their places. */
  static RowText of(String flag, String template, TableColumns columns, Projection projection) {
    List<Piece> pieces = new ArrayList<>();
    for (Part part : RequestTemplate.parse(flag, template).parts()) {
      if (part instanceof Literal literal) {
        pieces.add(new Piece(LITERAL, literal.text().getBytes(StandardCharsets.UTF_8), ""));
      } else if (part instanceof Reference reference) {
        Found found = columns.find(flag, reference.name());
        byte @Nullable [] missing =
            reference.missing() == null
                ? null
                : reference.missing().getBytes(StandardCharsets.UTF_8);
        pieces.add(new Piece(projection.addText(flag, found), missing, found.name()));
      }
    }
    return new RowText(pieces);
  }

  /** Writes the row's text as a JSON string. */
  void write(InternalRow row, JsonGenerator json) throws IOException, Unsendable {
    if (pieces.size() == 1) {
      byte[] all = bytes(pieces.get(0), row);
      json.writeUTF8String(all, 0, all.length);
      return;
    }
    byte[][] texts = new byte[pieces.size()][];
    int length = 0;
    for (int i = 0; i < texts.length; i++) {
      texts[i] = bytes(pieces.get(i), row);
      length = Math.addExact(length, texts[i].length);
    }
    byte[] all = new byte[length];
    int at = 0;
    for (byte[] text : texts) {
      System.arraycopy(text, 0, all, at, text.length);
      at += text.length;
    }
    json.writeUTF8String(all, 0, all.length);
  }

  private static byte[] bytes(Piece piece, InternalRow row) throws Unsendable {
    byte @Nullable [] bytes = piece.text();
    if (piece.place() != LITERAL && !row.isNullAt(piece.place())) {
      bytes = Utf8.checked(row.getBinary(piece.place()), piece.name());
    }
    if (bytes == null) {
      throw Unsendable.missing(
          "The column \"%s\" is null. Leave such rows out, or write {%s?text} for a text that stands for null."
              .formatted(piece.name(), piece.name()));
    }
    return bytes;
  }
}
