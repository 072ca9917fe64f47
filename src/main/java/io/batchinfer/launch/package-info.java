/**
 * Starts a run from options: what its requests are read from, the secrets it sends, the endpoint
 * that simulates one.
 */
@NullMarked
package io.batchinfer.launch;

import org.jspecify.annotations.NullMarked;
