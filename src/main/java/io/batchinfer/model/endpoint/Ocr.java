package io.batchinfer.model.endpoint;

/** Texts of pages, which are counted as pages and not as tokens. */
final class Ocr extends Endpoint {
  Ocr() {
    super("/v1/ocr", AnswerFields.COMPLETION);
  }

  @Override
  public boolean writesText() {
    return false;
  }
}
