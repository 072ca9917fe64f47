/** A model's server as a process of this machine: started, awaited, watched and ended. */
@NullMarked
package io.batchinfer.engine.server;

import org.jspecify.annotations.NullMarked;
