/** A run from its plan to its proof, wherever its parts are done. */
@NullMarked
package io.batchinfer.engine.run;

import org.jspecify.annotations.NullMarked;
