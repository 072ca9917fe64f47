package io.batchinfer.table.render;

import io.batchinfer.config.InputOutputOptions;
import io.batchinfer.config.Option;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.TableOptions;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.endpoint.RequestContent;
import io.batchinfer.table.render.TableColumns.Found;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** The options of a request's body, checked against the table. */
record BodyOptions(
    Dataset<Row> table, ResolvedOptions options, TableColumns columns, Projection projection) {

  RowBody body(ContentOptions asked) {
    @Nullable Found base = options.find(TableOptions.BODY).map(this::expression).orElse(null);
    int place =
        base == null
            ? RowBody.NONE
            : projection.add(Expressions.object(TableOptions.BODY.flag(), base));
    RequestContent content = asked.content();
    Option<String> question = asked.question();
    if (content == null || question == null) {
      return new RowBody(place, null, null, null, null);
    }
    @Nullable RowText system =
        options
            .find(TableOptions.SYSTEM)
            .map(text -> template(TableOptions.SYSTEM, text))
            .orElse(null);
    @Nullable String systemField = system == null ? null : content.systemField();
    if (base != null) {
      refuseTwice(base.type(), question.flag(), content.field());
      refuseTwice(base.type(), TableOptions.SYSTEM.flag(), systemField);
    }
    return new RowBody(
        place, content.field(), question(question, content, system), systemField, system);
  }

  private RowQuestion question(
      Option<String> question, RequestContent content, @Nullable RowText system) {
    String text = options.get(question);
    if (question == TableOptions.PROMPT) {
      RowImages images =
          RowImages.of(
              options.get(TableOptions.IMAGE),
              content.images(),
              columns,
              projection,
              new ImageFiles(
                  options.find(InputOutputOptions.MEDIA_ROOT).orElse(null),
                  options.get(InputOutputOptions.MAX_LINE_BYTES)));
      return RowQuestion.ofPrompt(content, template(question, text), system, images);
    }
    Found found = Expressions.find(table, question.flag(), text);
    String flag = question.flag();
    if (question == TableOptions.MESSAGES) {
      int place = projection.add(Expressions.array(flag, found));
      return new RowQuestion.JsonValue(place, flag, !ColumnTexts.isNested(found.type()));
    }
    return ColumnTexts.isNested(found.type())
        ? new RowQuestion.JsonValue(projection.add(Expressions.json(flag, found)), flag, false)
        : new RowQuestion.PlainInput(projection.add(ColumnTexts.of(flag, found)), flag);
  }

  private RowText template(Option<String> option, String text) {
    return RowText.of(option.flag(), text, columns, projection);
  }

  private Found expression(String text) {
    return Expressions.find(table, TableOptions.BODY.flag(), text);
  }

  private static void refuseTwice(DataType base, String flag, @Nullable String field) {
    if (field != null
        && base instanceof StructType struct
        && Stream.of(struct.fieldNames()).anyMatch(field::equals)) {
      throw new BatchException(
          ErrorCode.USAGE,
          "The struct of --body has the field \"%s\", which %s gives as well. Leave it out of one of them."
              .formatted(field, flag));
    }
  }
}
