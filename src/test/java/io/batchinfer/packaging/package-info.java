/** Tests of what is shipped: the job jar, the tarball and the start script. */
@NullMarked
package io.batchinfer.packaging;

import org.jspecify.annotations.NullMarked;
