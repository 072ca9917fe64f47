/** Violations that the rules must find. */
@NullMarked
package io.batchinfer.architecture.planted.time;

import org.jspecify.annotations.NullMarked;
