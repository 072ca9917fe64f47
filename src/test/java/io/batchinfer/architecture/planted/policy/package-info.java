/** Violations that the rules must find. */
@NullMarked
package io.batchinfer.architecture.planted.policy;

import org.jspecify.annotations.NullMarked;
