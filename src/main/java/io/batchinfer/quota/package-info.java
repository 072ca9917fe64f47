/** Shares one rate among many processes: authority, grants, the channel's port. */
@NullMarked
package io.batchinfer.quota;

import org.jspecify.annotations.NullMarked;
