package io.batchinfer.table.render;

import com.fasterxml.jackson.core.JsonGenerator;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.endpoint.RequestContent.ImageParts;
import io.batchinfer.table.render.TableColumns.Found;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;

/** The images that go with a row's prompt. Immutable. */
final class RowImages implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final String FLAG = "--image";

  private final ImageParts form;
  private final List<ImageColumn> columns;
  private final ImageFiles files;

  private RowImages(ImageParts form, List<ImageColumn> columns, ImageFiles files) {
    this.form = form;
    this.columns = List.copyOf(columns);
    this.files = files;
  }

  /**
   * @param optional whether a row may have none
   */
  private record ImageColumn(int place, String name, boolean binary, boolean list, boolean optional)
      implements Serializable {}

  /**
   * Gives the columns of images their places; a name with a question mark may be null.
   *
   * @throws BatchException {@link ErrorCode#USAGE} if one is not there, or holds no images
   */
  static RowImages of(
      List<String> names,
      ImageParts form,
      TableColumns columns,
      Projection projection,
      ImageFiles files) {
    List<ImageColumn> images = new ArrayList<>();
    for (String name : names) {
      boolean optional = name.endsWith("?");
      Found found =
          columns.findColumn(FLAG, optional ? name.substring(0, name.length() - 1) : name);
      boolean list = found.type() instanceof ArrayType;
      DataType type = found.type() instanceof ArrayType array ? array.elementType() : found.type();
      boolean binary = type instanceof BinaryType;
      if (!binary && !(type instanceof StringType)) {
        throw new BatchException(
            ErrorCode.USAGE,
            "The column \"%s\" of %s is of the type %s. An image is binary, or a string with a data URL, an http(s) URL or a path under --media-root; an array of these is several images."
                .formatted(found.name(), FLAG, found.type().sql()));
      }
      DataType bytes =
          list ? DataTypes.createArrayType(DataTypes.BinaryType) : DataTypes.BinaryType;
      int place = projection.add(found.column().cast(bytes));
      images.add(new ImageColumn(place, found.name(), binary, list, optional));
    }
    return new RowImages(form, images, files);
  }

  ImageParts form() {
    return form;
  }

  boolean areNone() {
    return columns.isEmpty();
  }

  /** Writes the row's images as parts of a message. */
  void write(InternalRow row, JsonGenerator json) throws IOException, Unsendable {
    for (ImageColumn column : columns) {
      if (row.isNullAt(column.place())) {
        if (!column.optional()) {
          throw Unsendable.missing(
              "The image \"%s\" is null. Leave such rows out, or write --image '%s?' where a row may have none."
                  .formatted(column.name(), column.name()));
        }
      } else if (column.list()) {
        ArrayData images = row.getArray(column.place());
        for (int i = 0; i < images.numElements(); i++) {
          if (images.isNullAt(i)) {
            throw Unsendable.missing(
                "The images \"%s\" hold a null. Leave nulls out of the array."
                    .formatted(column.name()));
          }
          write(column, images.getBinary(i), json);
        }
      } else {
        write(column, row.getBinary(column.place()), json);
      }
    }
  }

  private void write(ImageColumn column, byte[] value, JsonGenerator json)
      throws IOException, Unsendable {
    if (column.binary()) {
      part(dataUrl(column, value), json);
      return;
    }
    String text = Utf8.text(value, column.name()).strip();
    String lower = text.substring(0, Math.min(8, text.length())).toLowerCase(Locale.ROOT);
    if (lower.startsWith("http://") || lower.startsWith("https://")) {
      part(text, json);
    } else if (lower.startsWith("data:")) {
      if (text.indexOf(',') < 0) {
        throw Unsendable.invalid(
            "The image \"%s\" is a data URL without data.".formatted(column.name()));
      }
      part(text, json);
    } else {
      part(dataUrl(column, files.read(text, column.name())), json);
    }
  }

  private static String dataUrl(ImageColumn column, byte[] image) throws Unsendable {
    String type =
        ImageBytes.mediaType(image)
            .orElseThrow(
                () ->
                    Unsendable.invalid(
                        "The image \"%s\" begins like no image that is known (PNG, JPEG, GIF, WebP, BMP, TIFF, AVIF, HEIC), so its media type is not known. Give a data URL, which says it."
                            .formatted(column.name())));
    return "data:" + type + ";base64," + Base64.getEncoder().encodeToString(image);
  }

  private void part(String url, JsonGenerator json) throws IOException, Unsendable {
    json.writeStartObject();
    switch (form) {
      case INPUT_IMAGE -> {
        json.writeStringField("type", "input_image");
        json.writeStringField("image_url", url);
      }
      case SOURCE -> source(url, json);
      default -> {
        json.writeStringField("type", "image_url");
        json.writeObjectFieldStart("image_url");
        json.writeStringField("url", url);
        json.writeEndObject();
      }
    }
    json.writeEndObject();
  }

  private static void source(String url, JsonGenerator json) throws IOException, Unsendable {
    json.writeStringField("type", "image");
    json.writeObjectFieldStart("source");
    if (url.regionMatches(true, 0, "data:", 0, 5)) {
      int comma = url.indexOf(',');
      String head = url.substring(5, comma);
      int semicolon = head.indexOf(';');
      if (!head.toLowerCase(Locale.ROOT).endsWith(";base64")) {
        throw Unsendable.invalid(
            "An image's data URL is not in base64, which this endpoint needs.");
      }
      json.writeStringField("type", "base64");
      json.writeStringField("media_type", head.substring(0, semicolon));
      json.writeStringField("data", url.substring(comma + 1));
    } else {
      json.writeStringField("type", "url");
      json.writeStringField("url", url);
    }
    json.writeEndObject();
  }
}
