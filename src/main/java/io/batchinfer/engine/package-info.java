/** What the two ends of a run share: its options, its secrets, and the messages between them. */
@NullMarked
package io.batchinfer.engine;

import org.jspecify.annotations.NullMarked;
