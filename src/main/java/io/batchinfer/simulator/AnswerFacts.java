package io.batchinfer.simulator;

import java.util.Optional;

/**
 * All that an answer is made of: a pure function of request and seed.
 *
 * @param hash of request and seed
 * @param cachedTokens prompt tokens that are said to have been in a cache
 * @param answerTokens completion tokens of each choice
 * @param choices answers asked for
 * @param cut whether the token limit of the request ended the answers
 * @param created when the answer claims to be made, in seconds of the UNIX epoch
 * @param form what the answer is in place of free text
 * @param text replaces the text of the answer
 */
record AnswerFacts(
    RequestFields fields,
    long hash,
    int promptTokens,
    int cachedTokens,
    int answerTokens,
    int choices,
    boolean cut,
    long created,
    int embeddingDimensions,
    Optional<AnswerForm> form,
    Optional<String> text) {
  static final String BASE_MODEL = "simulated-base-model";
  private static final int LONGEST_ANSWER = 128;
  private static final long EPOCH = 1_700_000_000;
  private static final int EPOCH_SPAN = 30_000_000;

  static AnswerFacts of(
      EndpointShape shape,
      RequestFields fields,
      Markers markers,
      long requestHash,
      SimulatorSettings settings) {
    long hash = Mix.mix(requestHash, settings.seed());
    Optional<String> echo = settings.echo() ? EchoedText.of(fields) : Optional.empty();
    Optional<AnswerForm> form = echo.isPresent() ? Optional.empty() : shape.form(fields, hash);
    int usual =
        echo.map(text -> RequestFields.tokensOf(text.length()))
            .or(() -> form.map(each -> tokens(each, hash)))
            .orElseGet(() -> 1 + Mix.below(Mix.mix(hash, 1), LONGEST_ANSWER));
    int wanted = markers.tokens().orElse(usual);
    int most =
        echo.isPresent()
            ? Integer.MAX_VALUE
            : fields.maximumTokens.orElse(shape.defaultMaximumTokens());
    boolean cut = shape.generates() && wanted > most;
    return new AnswerFacts(
        fields,
        hash,
        fields.promptTokens(),
        Math.min(markers.cached().orElse(0), fields.promptTokens()),
        shape.generates() ? Math.min(wanted, most) : 0,
        shape.choices(fields),
        cut,
        created(settings.seed()),
        fields.dimensions.orElse(settings.embeddingDimensions()),
        form,
        echo);
  }

  private static int tokens(AnswerForm form, long hash) {
    return RequestFields.tokensOf(form.text(choiceSeed(hash, 0)).length());
  }

  static long created(long seed) {
    return EPOCH + Mix.below(Mix.mix(seed, 2), EPOCH_SPAN);
  }

  AnswerFacts withCached(int tokens) {
    return new AnswerFacts(
        fields,
        hash,
        promptTokens,
        tokens,
        answerTokens,
        choices,
        cut,
        created,
        embeddingDimensions,
        form,
        text);
  }

  AnswerFacts withText(String other) {
    return new AnswerFacts(
        fields,
        hash,
        promptTokens,
        cachedTokens,
        answerTokens,
        choices,
        cut,
        created,
        embeddingDimensions,
        Optional.empty(),
        Optional.of(other));
  }

  AnswerFacts asCut() {
    return new AnswerFacts(
        fields,
        hash,
        promptTokens,
        cachedTokens,
        answerTokens,
        choices,
        true,
        created,
        embeddingDimensions,
        form,
        text);
  }

  int completionTokens() {
    return answerTokens * choices;
  }

  int totalTokens() {
    return promptTokens + completionTokens();
  }

  /** What a provider that charges on arrival would count. */
  long tokensAtMost(EndpointShape shape) {
    return shape.generates()
        ? promptTokens + (long) fields.maximumTokens.orElse(answerTokens) * choices
        : promptTokens;
  }

  String id(String prefix) {
    return prefix + hex();
  }

  String hex() {
    return "%016x".formatted(hash);
  }

  /** The model as answered; the empty name is the base model. */
  String model() {
    return fields.model.filter(name -> !name.isEmpty()).orElse(BASE_MODEL);
  }

  String finishReason() {
    return cut ? "length" : tool().isPresent() ? "tool_calls" : "stop";
  }

  /** Name of the function that the answer calls, with {@link #textOf} as its arguments. */
  Optional<String> tool() {
    return form.flatMap(AnswerForm::tool);
  }

  private static long choiceSeed(long hash, int choice) {
    return Mix.mix(hash, 100 + choice);
  }

  /** The text of one choice. */
  String textOf(int choice) {
    if (text.isPresent()) {
      return text.get();
    }
    long seed = choiceSeed(hash, choice);
    if (form.isPresent()) {
      String whole = form.get().text(seed);
      int most = Math.min(whole.length() - 1, answerTokens * RequestFields.BYTES_PER_TOKEN);
      return cut ? whole.substring(0, most) : whole;
    }
    String words = SimulatedText.of(seed, answerTokens);
    return fields.jsonAnswer ? SimulatedText.asJson(words) : words;
  }
}
