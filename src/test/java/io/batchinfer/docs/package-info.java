/** The generated pages and templates equal what the code says. */
@NullMarked
package io.batchinfer.docs;

import org.jspecify.annotations.NullMarked;
