/** What is known of the bodies of endpoints, one class for each path. */
@NullMarked
package io.batchinfer.model.endpoint;

import org.jspecify.annotations.NullMarked;
