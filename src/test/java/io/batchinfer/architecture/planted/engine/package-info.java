/** Violations that the rules must find. */
@NullMarked
package io.batchinfer.architecture.planted.engine;

import org.jspecify.annotations.NullMarked;
