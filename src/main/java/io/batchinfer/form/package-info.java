/** Reads multipart forms of HTTP requests, wherever the network has cut them. */
@NullMarked
package io.batchinfer.form;

import org.jspecify.annotations.NullMarked;
