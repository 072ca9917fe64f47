/** The one reader of JSON and its limits, and JSON on one line of ASCII. */
@NullMarked
package io.batchinfer.json;

import org.jspecify.annotations.NullMarked;
