/** Fakes and fixtures: the built product, real processes and a real cluster for tests. */
@NullMarked
package io.batchinfer.testing;

import org.jspecify.annotations.NullMarked;
