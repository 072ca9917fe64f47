/** Several rows in one request, and its answer as one for each of them. */
@NullMarked
package io.batchinfer.pack;

import org.jspecify.annotations.NullMarked;
