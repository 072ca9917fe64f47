/** Workers on executors, the RPC transport, gathering counts. */
@NullMarked
package io.batchinfer.spark;

import org.jspecify.annotations.NullMarked;
