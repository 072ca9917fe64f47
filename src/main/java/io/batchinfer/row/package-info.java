/** A row's texts: the request line, what an endpoint answers, and the result line. */
@NullMarked
package io.batchinfer.row;

import org.jspecify.annotations.NullMarked;
