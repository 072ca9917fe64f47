/**
 * A run's folder and the records in it, what tells that it is alive, and the ports by which it is
 * run and watched.
 */
@NullMarked
package io.batchinfer.job;

import org.jspecify.annotations.NullMarked;
