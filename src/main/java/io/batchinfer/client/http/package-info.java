/** The HTTP transport of the channel stack. */
@NullMarked
package io.batchinfer.client.http;

import org.jspecify.annotations.NullMarked;
