/** Plans; runs the splits of one worker; knows nothing of Spark. */
@NullMarked
package io.batchinfer.engine;

import org.jspecify.annotations.NullMarked;
