/** The channel stack: one request out, one reply or one typed failure back. */
@NullMarked
package io.batchinfer.client;

import org.jspecify.annotations.NullMarked;
