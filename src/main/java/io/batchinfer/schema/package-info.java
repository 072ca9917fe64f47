/** Schemas of answers: read, put into requests, checked against answers. */
@NullMarked
package io.batchinfer.schema;

import org.jspecify.annotations.NullMarked;
