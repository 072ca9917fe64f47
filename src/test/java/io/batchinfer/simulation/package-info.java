/** Quota and channel stack against modelled endpoints, in virtual time. */
@NullMarked
package io.batchinfer.simulation;

import org.jspecify.annotations.NullMarked;
