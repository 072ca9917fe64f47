package io.batchinfer.client.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.impl.HttpRequestHead;

/** A request as the HTTP library takes it. */
record OutboundMessage(HttpRequestHead head, Buffer content) {}
