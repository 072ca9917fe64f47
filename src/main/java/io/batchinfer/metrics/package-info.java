/** What the service counts, and where. */
@NullMarked
package io.batchinfer.metrics;

import org.jspecify.annotations.NullMarked;
