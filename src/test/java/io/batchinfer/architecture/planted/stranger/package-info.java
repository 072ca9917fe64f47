/** Violations that the rules must find. */
@NullMarked
package io.batchinfer.architecture.planted.stranger;

import org.jspecify.annotations.NullMarked;
