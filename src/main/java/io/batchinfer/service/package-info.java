/** HTTP API: turns dialect requests into job calls. */
@NullMarked
package io.batchinfer.service;

import org.jspecify.annotations.NullMarked;
