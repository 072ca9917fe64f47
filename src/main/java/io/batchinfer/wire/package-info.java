/** JSON in and out: request lines, result lines, journal entries, the API dialects. */
@NullMarked
package io.batchinfer.wire;

import org.jspecify.annotations.NullMarked;
