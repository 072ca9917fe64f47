/** The service's files and jobs on disk, and how they come in, change and go. */
@NullMarked
package io.batchinfer.store;

import org.jspecify.annotations.NullMarked;
