/** A provider of batch inference with limits and faults, for tests. */
@NullMarked
package io.batchinfer.testing.provider;

import org.jspecify.annotations.NullMarked;
