/** The catalogue of options, where their values come from, and what is known of providers. */
@NullMarked
package io.batchinfer.config;

import org.jspecify.annotations.NullMarked;
