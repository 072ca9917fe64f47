/** Violations that the rules must find. */
@NullMarked
package io.batchinfer.architecture.planted.row;

import org.jspecify.annotations.NullMarked;
