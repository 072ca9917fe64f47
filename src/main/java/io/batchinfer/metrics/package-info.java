/** Catalogue of metrics and the sink they go to. */
@NullMarked
package io.batchinfer.metrics;

import org.jspecify.annotations.NullMarked;
