package io.batchinfer.service;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A call that a route answers with 200.
 *
 * @param pattern the route's path
 * @param key whose call it is; "-" where the route needs none
 * @param type of the body, empty without one
 * @param strangers body that names another workspace's file, empty where bodies name none
 */
record ProperCall(
    String method,
    String pattern,
    String target,
    String key,
    String type,
    byte[] body,
    String strangers) {

  static ProperCall plain(Route route, String target, String key) {
    return new ProperCall(route.method().name(), route.pattern(), target, key, "", new byte[0], "");
  }

  static ProperCall with(Route route, String key, String type, String body, String strangers) {
    return new ProperCall(
        route.method().name(),
        route.pattern(),
        route.pattern(),
        key,
        type,
        body.getBytes(StandardCharsets.UTF_8),
        strangers);
  }

  boolean isHead() {
    return method.equals("HEAD");
  }

  boolean needsKey() {
    return !key.equals("-");
  }

  boolean hasBody() {
    return !type.isEmpty();
  }

  boolean isForm() {
    return type.startsWith("multipart/");
  }

  /** The path without its query. */
  String path() {
    return target.split("\\?", 2)[0];
  }

  private String query() {
    return target.substring(path().length());
  }

  /** The target with more behind its query. */
  String asking(String more) {
    return target + (query().isEmpty() ? "?" : "&") + more;
  }

  /** Targets in which each variable in turn is another text; the query stays. */
  List<String> naming(String text) {
    List<String> targets = new ArrayList<>();
    String[] names = pattern.split("/", -1);
    for (int i = 0; i < names.length; i++) {
      if (names[i].startsWith("{")) {
        String[] segments = path().split("/", -1);
        segments[i] = text;
        targets.add(String.join("/", segments) + query());
      }
    }
    return targets;
  }
}
