/**
 * The report of a job as one page of HTML that needs nothing else: what its record, its course and
 * the findings about it say, drawn and in words. Knows neither files nor runs.
 */
@NullMarked
package io.batchinfer.report.page;

import org.jspecify.annotations.NullMarked;
