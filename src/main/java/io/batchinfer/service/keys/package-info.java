/** Access keys: how they are made, kept in a file, and told from others. */
@NullMarked
package io.batchinfer.service.keys;

import org.jspecify.annotations.NullMarked;
