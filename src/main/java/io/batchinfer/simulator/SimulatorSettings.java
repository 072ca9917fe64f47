package io.batchinfer.simulator;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How the simulated endpoint behaves. The defaults answer everything at once, without limits,
 * faults or a key.
 *
 * @param host address to listen on
 * @param port 0 for any free one
 * @param eventLoops threads that serve connections
 * @param seed decides, with the request alone, every answer
 * @param slots requests worked on at the same time; 0 for no limit
 * @param queueLimit requests that may wait for a slot; one more is answered 503
 * @param timeToFirstToken time until an answer begins
 * @param perToken further time for every completion token
 * @param perPromptToken further time for every prompt token that has to be computed
 * @param promptCache whose prompt cache it has
 * @param promptCacheTokens room in that; 0 where each slot has room for its prompt
 * @param limits requests and tokens per minute
 * @param style whose headers and error objects are imitated
 * @param retryAfterForm how refusals say when to come back
 * @param requiredApiKey the only bearer token accepted; empty accepts anything, also none
 * @param models the models served; empty serves any
 * @param faults probability of each fault, decided by seed, request and attempt
 * @param slowBody how long {@link Fault#SLOW_BODY} takes
 * @param oversizedBodyBytes length of {@link Fault#OVERSIZED_BODY}
 * @param maximumRequestBytes a longer request body is answered 413
 * @param embeddingDimensions length of a vector when the request does not say
 * @param echo whether texts are answered with the last message of the request, whole
 * @param requestLog file that gets one line of JSON per request
 * @param customId what identifies a request in the log: the first match in its body
 */
public record SimulatorSettings(
    String host,
    int port,
    int eventLoops,
    long seed,
    int slots,
    int queueLimit,
    Duration timeToFirstToken,
    Duration perToken,
    Duration perPromptToken,
    PromptCacheKind promptCache,
    int promptCacheTokens,
    RateLimits limits,
    ProviderStyle style,
    RetryAfterForm retryAfterForm,
    Optional<String> requiredApiKey,
    List<String> models,
    Map<Fault, Double> faults,
    Duration slowBody,
    long oversizedBodyBytes,
    int maximumRequestBytes,
    int embeddingDimensions,
    boolean echo,
    Optional<Path> requestLog,
    Pattern customId) {

  /** Settings for a plain, instant endpoint on a free port of 127.0.0.1. */
  public static SimulatorSettings defaults() {
    return new Builder().build();
  }

  public SimulatorSettings {
    require(port >= 0 && port <= 65_535, "port", port, "0 to 65535");
    require(eventLoops >= 1, "eventLoops", eventLoops, "1 or more");
    require(slots >= 0, "slots", slots, "0 (no limit) or more");
    require(queueLimit >= 0, "queueLimit", queueLimit, "0 or more");
    require(!timeToFirstToken.isNegative(), "timeToFirstToken", timeToFirstToken, "0 or more");
    require(!perToken.isNegative(), "perToken", perToken, "0 or more");
    require(!perPromptToken.isNegative(), "perPromptToken", perPromptToken, "0 or more");
    require(promptCacheTokens >= 0, "promptCacheTokens", promptCacheTokens, "0 or more");
    requireRoom(promptCache, promptCacheTokens, slots);
    require(embeddingDimensions >= 1, "embeddingDimensions", embeddingDimensions, "1 or more");
    require(maximumRequestBytes >= 1, "maximumRequestBytes", maximumRequestBytes, "1 or more");
    double total = 0;
    for (Map.Entry<Fault, Double> fault : faults.entrySet()) {
      double rate = fault.getValue();
      require(rate >= 0 && rate <= 1, fault.getKey().label(), rate, "a rate from 0 to 1");
      total += rate;
    }
    require(total <= 1 + 1e-9, "sum of the fault rates", total, "at most 1");
    models = List.copyOf(models);
    faults = Map.copyOf(faults);
  }

  private static void requireRoom(PromptCacheKind cache, int tokens, int slots) {
    if (cache == PromptCacheKind.SHARED) {
      require(tokens > 0, "promptCacheTokens of a shared cache", tokens, "1 or more");
    } else if (cache == PromptCacheKind.SLOTS) {
      require(slots > 0, "slots, each of which has a cache,", slots, "1 or more");
    }
  }

  PromptCache newPromptCache() {
    return switch (promptCache) {
      case NONE -> PromptCache.NONE;
      case SHARED -> PromptCache.shared(promptCacheTokens);
      case SLOTS -> PromptCache.ofSlots(slots, promptCacheTokens);
    };
  }

  private static void require(boolean holds, String name, Object value, String allowed) {
    if (!holds) {
      throw new IllegalArgumentException(
          "simulator setting " + name + " is " + value + " but must be " + allowed);
    }
  }

  public static Builder builder() {
    return new Builder();
  }

  /** A builder that starts from these settings. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "SimulatorSettings[%s:%d, seed %d, slots %d, limits %s, faults %s, key %s]"
        .formatted(
            host, port, seed, slots, limits, faults, requiredApiKey.isPresent() ? "set" : "none");
  }

  /** Collects settings; not thread-safe. */
  public static final class Builder {
    private String host = "127.0.0.1";
    private int port;
    private int eventLoops = 1;
    private long seed;
    private int slots;
    private int queueLimit = Integer.MAX_VALUE;
    private Duration timeToFirstToken = Duration.ZERO;
    private Duration perToken = Duration.ZERO;
    private Duration perPromptToken = Duration.ZERO;
    private PromptCacheKind promptCache = PromptCacheKind.NONE;
    private int promptCacheTokens;
    private RateLimits limits = RateLimits.NONE;
    private ProviderStyle style = ProviderStyle.OPENAI;
    private RetryAfterForm retryAfterForm = RetryAfterForm.SECONDS;
    private Optional<String> requiredApiKey = Optional.empty();
    private List<String> models = List.of();
    private final Map<Fault, Double> faults = new EnumMap<>(Fault.class);
    private Duration slowBody = Duration.ofSeconds(5);
    private long oversizedBodyBytes = 64L << 20;
    private int maximumRequestBytes = 256 << 20;
    private int embeddingDimensions = 64;
    private boolean echo;
    private Optional<Path> requestLog = Optional.empty();
    private Pattern customId = Pattern.compile("req-[0-9]+");

    private Builder() {}

    private Builder(SimulatorSettings from) {
      host = from.host;
      port = from.port;
      eventLoops = from.eventLoops;
      seed = from.seed;
      slots = from.slots;
      queueLimit = from.queueLimit;
      timeToFirstToken = from.timeToFirstToken;
      perToken = from.perToken;
      perPromptToken = from.perPromptToken;
      promptCache = from.promptCache;
      promptCacheTokens = from.promptCacheTokens;
      limits = from.limits;
      style = from.style;
      retryAfterForm = from.retryAfterForm;
      requiredApiKey = from.requiredApiKey;
      models = from.models;
      faults.putAll(from.faults);
      slowBody = from.slowBody;
      oversizedBodyBytes = from.oversizedBodyBytes;
      maximumRequestBytes = from.maximumRequestBytes;
      embeddingDimensions = from.embeddingDimensions;
      echo = from.echo;
      requestLog = from.requestLog;
      customId = from.customId;
    }

    public SimulatorSettings build() {
      return new SimulatorSettings(
          host,
          port,
          eventLoops,
          seed,
          slots,
          queueLimit,
          timeToFirstToken,
          perToken,
          perPromptToken,
          promptCache,
          promptCacheTokens,
          limits,
          style,
          retryAfterForm,
          requiredApiKey,
          models,
          faults,
          slowBody,
          oversizedBodyBytes,
          maximumRequestBytes,
          embeddingDimensions,
          echo,
          requestLog,
          customId);
    }

    public Builder host(String value) {
      host = value;
      return this;
    }

    public Builder port(int value) {
      port = value;
      return this;
    }

    public Builder eventLoops(int value) {
      eventLoops = value;
      return this;
    }

    public Builder seed(long value) {
      seed = value;
      return this;
    }

    public Builder slots(int value) {
      slots = value;
      return this;
    }

    public Builder queueLimit(int value) {
      queueLimit = value;
      return this;
    }

    public Builder timeToFirstToken(Duration value) {
      timeToFirstToken = value;
      return this;
    }

    public Builder perToken(Duration value) {
      perToken = value;
      return this;
    }

    public Builder perPromptToken(Duration value) {
      perPromptToken = value;
      return this;
    }

    /**
     * Keeps prompts.
     *
     * @param tokens room of all; 0 where each slot has room for its prompt
     */
    public Builder promptCache(PromptCacheKind kind, int tokens) {
      promptCache = kind;
      promptCacheTokens = tokens;
      return this;
    }

    public Builder limits(RateLimits value) {
      limits = value;
      return this;
    }

    public Builder style(ProviderStyle value) {
      style = value;
      return this;
    }

    public Builder retryAfterForm(RetryAfterForm value) {
      retryAfterForm = value;
      return this;
    }

    public Builder requestsPerMinute(long value) {
      limits = new RateLimits(value, limits.tokensPerMinute(), limits.window(), limits.charge());
      return this;
    }

    public Builder tokensPerMinute(long value) {
      limits = new RateLimits(limits.requestsPerMinute(), value, limits.window(), limits.charge());
      return this;
    }

    public Builder window(Duration value) {
      limits =
          new RateLimits(
              limits.requestsPerMinute(), limits.tokensPerMinute(), value, limits.charge());
      return this;
    }

    public Builder charge(Charge value) {
      limits =
          new RateLimits(
              limits.requestsPerMinute(), limits.tokensPerMinute(), limits.window(), value);
      return this;
    }

    public Builder requiredApiKey(String value) {
      requiredApiKey = Optional.of(value);
      return this;
    }

    public Builder acceptAnyKey() {
      requiredApiKey = Optional.empty();
      return this;
    }

    public Builder models(List<String> value) {
      models = value;
      return this;
    }

    /** Sets the probability of one fault; 0 switches it off. */
    public Builder fault(Fault fault, double rate) {
      faults.put(fault, rate);
      return this;
    }

    public Builder slowBody(Duration value) {
      slowBody = value;
      return this;
    }

    public Builder oversizedBodyBytes(long value) {
      oversizedBodyBytes = value;
      return this;
    }

    public Builder maximumRequestBytes(int value) {
      maximumRequestBytes = value;
      return this;
    }

    public Builder embeddingDimensions(int value) {
      embeddingDimensions = value;
      return this;
    }

    public Builder echo(boolean value) {
      echo = value;
      return this;
    }

    public Builder requestLog(Path value) {
      requestLog = Optional.of(value);
      return this;
    }

    public Builder customId(Pattern value) {
      customId = value;
      return this;
    }
  }
}
