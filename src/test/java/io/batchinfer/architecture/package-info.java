/** The rules of the code as tests. */
@NullMarked
package io.batchinfer.architecture;

import org.jspecify.annotations.NullMarked;
