/** Whose turn it is among the service's jobs, and what a job goes through until it is over. */
@NullMarked
package io.batchinfer.schedule;

import org.jspecify.annotations.NullMarked;
