/** What a batch is: ids, requests, outcomes, jobs, counts, error codes. */
@NullMarked
package io.batchinfer.model;

import org.jspecify.annotations.NullMarked;
