/** Violations that the rules must find. */
@NullMarked
package io.batchinfer.architecture.planted.wire;

import org.jspecify.annotations.NullMarked;
