/** Tests of several rows in one request. */
@NullMarked
package io.batchinfer.pack;

import org.jspecify.annotations.NullMarked;
