/**
 * The two providers' batch APIs in JSON: requests as they come, objects and refusals as they go.
 */
@NullMarked
package io.batchinfer.api;

import org.jspecify.annotations.NullMarked;
