package io.batchinfer.service;

/** Forms of type multipart/form-data, written by hand. */
final class Form {
  static final String BOUNDARY = "limit-0123456789";
  static final String TYPE = "multipart/form-data; boundary=" + BOUNDARY;
  static final String LINE =
      "{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"m\"}}\n";
  static final String PURPOSE = field("purpose", "batch");
  static final String END = "--" + BOUNDARY + "--\r\n";

  private Form() {}

  /** A whole form with one file. */
  static String file(String name, String content) {
    return PURPOSE + part("form-data; name=\"file\"; filename=\"" + name + "\"", content) + END;
  }

  static String field(String name, String value) {
    return part("form-data; name=\"" + name + "\"", value);
  }

  static String part(String disposition, String content) {
    return "--"
        + BOUNDARY
        + "\r\nContent-Disposition: "
        + disposition
        + "\r\n\r\n"
        + content
        + "\r\n";
  }
}
