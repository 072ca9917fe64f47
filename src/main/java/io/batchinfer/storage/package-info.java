/** List, read, stage and all-or-nothing write of files; ownership claims. */
@NullMarked
package io.batchinfer.storage;

import org.jspecify.annotations.NullMarked;
