package io.batchinfer.config;

import java.time.Duration;
import java.util.List;

/**
 * Ways to pay less: equal rows, earlier answers, prefix caches and the provider's batch service.
 */
public final class SavingOptions {
  private static final Declarations OPTIONS = new Declarations(OptionGroup.SAVING);

  public static final Option<Dedupe> DEDUPE =
      OPTIONS.add(
          Option.choice("dedupe", Dedupe.class).defaultsTo(Dedupe.AUTO),
          "Whether rows with the same endpoint and body are sent once, and the others get"
              + " that answer: auto where an answer is a function of its request (embeddings,"
              + " moderation, classification, rerank, OCR; text with temperature 0 or a seed),"
              + " on everywhere, off nowhere. What is equal is found when the job is planned.");

  public static final Option<List<String>> REUSE =
      OPTIONS.add(
          Option.list("reuse", "OUTPUT"),
          "Output of an earlier job, finished or not: rows that ask what a row asked there"
              + " get its answer, if it has one, and are not sent. It is only read, may be on"
              + " another store, and may have other ids and another order. Repeatable.");

  public static final Option<SendOrder> ORDER =
      OPTIONS.add(
          Option.choice("order", SendOrder.class).defaultsTo(SendOrder.AUTO),
          "In which order rows go out: prefix sends rows of a split together that begin with"
              + " the same tools, system prompt and messages, so that a server's prefix cache"
              + " serves them, and with several base URLs keeps each prefix at one as far as"
              + " that has room; input sends them as they stand in the input. auto is prefix,"
              + " unless a provider's profile names a hosted endpoint that takes no"
              + " prompt_cache_key. Results are the same.");

  public static final Option<PromptCacheKeys> PROMPT_CACHE_KEY =
      OPTIONS.add(
          Option.choice("prompt-cache-key", PromptCacheKeys.class).defaultsTo(PromptCacheKeys.AUTO),
          "Whether chat requests that begin alike, where they go out by prefix, get the same"
              + " prompt_cache_key, a hash of what they share: auto where the provider's"
              + " profile says that it takes one (OpenAI, Mistral), on everywhere, off"
              + " nowhere. A line's own stays as it is.");

  public static final Option<Via> VIA =
      OPTIONS.add(
          Option.choice("via", Via.class).defaultsTo(Via.INTERACTIVE),
          "How rows reach the provider: interactive sends each in a request of its own; batch"
              + " puts many into files for the provider's own batch service, which answers"
              + " within a day, mostly at half the price.");

  public static final Option<Then> THEN =
      OPTIONS.add(
          Option.choice("then", Then.class).defaultsTo(Then.NONE),
          "With via=batch, what is done with rows that a batch left without an answer since it"
              + " expired or the provider failed: none puts them into a next batch, as often as"
              + " max-attempts allows; interactive sends them in requests of their own, at their"
              + " full price.");

  public static final Option<BatchDialect> BATCH_API =
      OPTIONS.add(
          Option.choice("batch-api", BatchDialect.class).defaultsTo(BatchDialect.OPENAI),
          "With via=batch, the dialect of the provider's batch service; its profile says which"
              + " one that is.");

  public static final Option<String> BATCH_WINDOW =
      OPTIONS.add(
          Option.text("batch-window", "WINDOW", SavingOptions::batchWindow).defaultsTo("24h"),
          "With via=batch, how long a batch may take before it expires, in hours or days as"
              + " the provider allows: 24h, 7d.");

  public static final Option<Integer> BATCH_PENDING =
      OPTIONS.add(
          Option.integer("batch-pending").atLeast(1).defaultsTo(20),
          "With via=batch, most batches of the job that are at the provider at a time.");

  public static final Option<Long> BATCH_QUEUED_TOKENS =
      OPTIONS.add(
          Option.longNumber("batch-queued-tokens").atLeast(1L),
          "With via=batch, most tokens, estimated, of all batches that are at the provider at a"
              + " time; also the most of one batch. Providers limit them by tier.");

  public static final Option<Long> BATCH_QUEUED_REQUESTS =
      OPTIONS.add(
          Option.longNumber("batch-queued-requests").atLeast(1L),
          "With via=batch, most requests of all batches that are at the provider at a time.");

  public static final Option<Double> BATCH_DISCOUNT =
      OPTIONS.add(
          Option.decimal("batch-discount").defaultsTo(0.5).atLeast(0.0).atMost(1.0),
          "With via=batch, the share that the batch service takes off the price of a model for"
              + " which the price list states none.");

  public static final Option<Duration> POLL_INTERVAL =
      OPTIONS.add(
          Option.duration("poll-interval")
              .defaultsTo(Duration.ofSeconds(5))
              .atLeast(Duration.ofMillis(10)),
          "With via=batch, how soon a new batch is looked at again; the waits grow from there.");

  public static final Option<Duration> MAX_POLL_INTERVAL =
      OPTIONS.add(
          Option.duration("max-poll-interval")
              .defaultsTo(Duration.ofMinutes(1))
              .atLeast(Duration.ofMillis(10)),
          "With via=batch, the longest wait between two looks at a batch.");

  public static final Option<Duration> BATCH_LAG =
      OPTIONS.add(
          Option.duration("batch-lag").defaultsTo(Duration.ofSeconds(30)).atLeast(Duration.ZERO),
          "With via=batch, how far the provider's lists and files may be behind what it did:"
              + " so long a batch whose creation was not answered is looked for before it is"
              + " created again, and files without an answer for each row are read again.");

  public static final Option<Boolean> KEEP_REMOTE_FILES =
      OPTIONS.add(
          Option.flag("keep-remote-files"),
          "With via=batch, leaves the files of requests and answers at the provider; without"
              + " it they are deleted there as soon as the answers are durable here.");

  public static final Option<String> FROM =
      OPTIONS.add(
          Option.text("from", "FILE"),
          "prices: a public list of prices in JSON, that of genai-prices or LiteLLM's.");

  private SavingOptions() {}

  static List<Option<?>> all() {
    return OPTIONS.all();
  }

  private static String batchWindow(String value) throws InvalidValue {
    if (!value.matches("[1-9][0-9]{0,3}[hd]")) {
      throw InvalidValue.of(
          value, "is no number of hours or days", "give one with h or d, such as 24h or 7d");
    }
    return value;
  }
}
