/** Tells an OpenTelemetry collector of a run, in OTLP over HTTP. */
@NullMarked
package io.batchinfer.watch.otlp;

import org.jspecify.annotations.NullMarked;
