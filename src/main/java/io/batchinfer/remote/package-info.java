/** A provider's own batch service: its dialects, and what a run knows of its batches there. */
@NullMarked
package io.batchinfer.remote;

import org.jspecify.annotations.NullMarked;
