/** How a job went over time, and what its rows were, as kept beside its results. */
@NullMarked
package io.batchinfer.course;

import org.jspecify.annotations.NullMarked;
