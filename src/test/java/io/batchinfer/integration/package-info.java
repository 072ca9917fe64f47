/** Whole runs of the built product: real processes, real sockets, a real standalone cluster. */
@NullMarked
package io.batchinfer.integration;

import org.jspecify.annotations.NullMarked;
