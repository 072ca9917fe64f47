/** What the driver decides: who gets which split, what a loss means, and how a run ends. */
@NullMarked
package io.batchinfer.engine.lead;

import org.jspecify.annotations.NullMarked;
