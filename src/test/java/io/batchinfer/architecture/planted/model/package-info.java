/** Violations that the rules must find. */
@NullMarked
package io.batchinfer.architecture.planted.model;

import org.jspecify.annotations.NullMarked;
