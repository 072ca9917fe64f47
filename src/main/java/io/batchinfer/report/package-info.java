/** The terminal summary and progress of a run. */
@NullMarked
package io.batchinfer.report;

import org.jspecify.annotations.NullMarked;
