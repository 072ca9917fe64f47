package io.batchinfer.store;

import java.util.function.BiPredicate;
import java.util.function.Function;

/**
 * What holds for the changes that commands ask for.
 *
 * @param deployments whether a workspace may use the deployment of a name
 * @param reader reads the create request of a note; throws {@link
 *     io.batchinfer.model.BatchException} where it holds a mistake
 */
public record ChangeRules(
    StoreLimits limits,
    BiPredicate<String, String> deployments,
    Function<byte[], CreateRequest> reader) {}
