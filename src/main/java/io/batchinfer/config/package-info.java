/** Catalogue of options, their sources, settings records, provider profiles. */
@NullMarked
package io.batchinfer.config;

import org.jspecify.annotations.NullMarked;
