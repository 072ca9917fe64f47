/** Tokens and prices. */
@NullMarked
package io.batchinfer.estimate;

import org.jspecify.annotations.NullMarked;
