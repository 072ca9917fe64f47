/** What the figures of a job say about how it could go better next time. */
@NullMarked
package io.batchinfer.findings;

import org.jspecify.annotations.NullMarked;
