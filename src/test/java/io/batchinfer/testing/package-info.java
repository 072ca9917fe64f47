/** Fakes and fixtures: virtual time, files in memory, the built product, real processes. */
@NullMarked
package io.batchinfer.testing;

import org.jspecify.annotations.NullMarked;
