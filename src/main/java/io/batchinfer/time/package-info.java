/** Clock, ticker and scheduler as parameters. */
@NullMarked
package io.batchinfer.time;

import org.jspecify.annotations.NullMarked;
