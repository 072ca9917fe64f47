package io.batchinfer.config;

import io.batchinfer.model.EndpointPaths;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The catalogue: every option there is, declared once. Rates and concurrency are cluster-wide. */
public final class Options {
  /** The usual header of API keys. */
  public static final String AUTHORIZATION = "Authorization";

  private static final List<Option<?>> ALL = new ArrayList<>();
  private static final Pattern FORMAT = Pattern.compile("[A-Za-z_][A-Za-z0-9._$-]*");
  private static final long GIB = 1L << 30;

  public static final Option<List<String>> INPUT =
      add(
          Option.list("input", "PATH")
              .shortName("i")
              .documented(
                  OptionGroup.INPUT_AND_OUTPUT,
                  "Files, folders or globs of JSONL requests, on any Hadoop filesystem; .gz, .zst"
                      + " and .bz2 are read as well."));

  /** The format of files that hold requests as they are. */
  public static final String JSONL = "jsonl";

  public static final Option<String> INPUT_FORMAT =
      add(
          Option.text("input-format", "FORMAT", Options::inputFormat)
              .defaultsTo(JSONL)
              .documented(
                  OptionGroup.INPUT_AND_OUTPUT,
                  "What the input holds: jsonl is requests as they are; any other name is a format"
                      + " that Spark reads as a table, such as parquet, orc, csv, json, delta or"
                      + " iceberg."));
  public static final Option<List<String>> INPUT_OPTION =
      add(
          Option.list("input-option", "NAME=VALUE")
              .documented(
                  OptionGroup.INPUT_AND_OUTPUT,
                  "Option of Spark's reader of that format, such as header=true for csv."));
  public static final Option<String> INPUT_TABLE =
      add(
          Option.text("input-table", "NAME")
              .documented(
                  OptionGroup.INPUT_AND_OUTPUT,
                  "Table or view of Spark's catalogue whose rows are answered, in place of files."));
  public static final Option<String> INPUT_SQL =
      add(
          Option.verbatim("input-sql", "QUERY")
              .documented(
                  OptionGroup.INPUT_AND_OUTPUT,
                  "Query whose rows are answered, in place of files."));
  public static final Option<Boolean> RECURSIVE =
      add(
          Option.flag("recursive")
              .documented(
                  OptionGroup.INPUT_AND_OUTPUT,
                  "Also reads the subfolders of input folders, except those whose name begins with _"
                      + " or a dot."));
  public static final Option<Integer> DRY_RUN =
      add(
          Option.integer("dry-run")
              .atLeast(1)
              .documented(
                  OptionGroup.INPUT_AND_OUTPUT,
                  "Prints the first N requests that a table gives, and sends nothing; the model and the"
                      + " answer schema are added when a request is sent."));
  public static final Option<String> OUTPUT =
      add(
          Option.text("output", "FOLDER", Options::outputFolder)
              .shortName("o")
              .documented(
                  OptionGroup.INPUT_AND_OUTPUT,
                  "Folder of the job: results, errors, journal and job.json."));
  public static final Option<OnInvalid> ON_INVALID =
      add(
          Option.choice("on-invalid", OnInvalid.class)
              .defaultsTo(OnInvalid.FAIL)
              .identity()
              .documented(
                  OptionGroup.INPUT_AND_OUTPUT,
                  "What to do with lines that can never be sent: fail lists them and stops before"
                      + " the first request, record writes them as errors and runs the rest."));
  public static final Option<String> MEDIA_ROOT =
      add(
          Option.text("media-root", "FOLDER")
              .documented(
                  OptionGroup.INPUT_AND_OUTPUT,
                  "Folder under which the audio files of transcriptions may lie; without it, lines"
                      + " may only name URLs that the endpoint fetches."));
  public static final Option<Long> MAX_LINE_BYTES =
      add(
          Option.bytes("max-line-bytes")
              .defaultsTo(256L << 20)
              .atLeast(1L)
              .atMost(GIB)
              .documented(OptionGroup.INPUT_AND_OUTPUT, "A longer input line is an invalid line."));
  public static final Option<Long> SPLIT_BYTES =
      add(
          Option.bytes("split-bytes")
              .defaultsTo(8L << 20)
              .atLeast(1L)
              .documented(
                  OptionGroup.INPUT_AND_OUTPUT,
                  "Input bytes per split; a split is the unit of work and becomes one part."));
  public static final Option<Duration> FLUSH_INTERVAL =
      add(
          Option.duration("flush-interval")
              .defaultsByCircumstance("250ms on local and HDFS, 2s on object stores")
              .atLeast(Duration.ofMillis(1))
              .documented(
                  OptionGroup.INPUT_AND_OUTPUT,
                  "How often answers are made durable; after a crash, at most the answers of one"
                      + " interval are paid for again."));

  public static final Option<List<String>> BASE_URL =
      add(
          Option.list("base-url", "URL", BaseUrls::normalised)
              .commaSeparated()
              .documented(
                  OptionGroup.ENDPOINT,
                  "Where the endpoint is, as an SDK takes it; without a path, /v1 is meant. Its"
                      + " query is sent with every request. Several share the load."));
  public static final Option<String> PROVIDER =
      add(
          Option.text("provider", "NAME")
              .documented(
                  OptionGroup.ENDPOINT,
                  "Profile of the endpoint's provider: a name such as openai, azure, anthropic,"
                      + " mistral or vllm, or the path of a profile file."));
  public static final Option<String> ENDPOINT =
      add(
          Option.text("endpoint", "PATH", Options::endpointPath)
              .defaultsTo(EndpointPaths.CHAT_COMPLETIONS)
              .identity()
              .documented(
                  OptionGroup.ENDPOINT, "Endpoint path of the lines that do not name one."));
  public static final Option<List<String>> ALLOWED_ENDPOINTS =
      add(
          Option.list("allowed-endpoints", "PATH", Options::endpointPath)
              .commaSeparated()
              .documented(
                  OptionGroup.ENDPOINT,
                  "Endpoint paths that lines may name besides the known ones."));
  public static final Option<String> CA_FILE =
      add(
          Option.text("ca-file", "FILE")
              .documented(
                  OptionGroup.ENDPOINT,
                  "PEM file of certificate authorities to trust instead of Java's own."));
  public static final Option<HttpVersion> HTTP_VERSION =
      add(
          Option.choice("http-version", HttpVersion.class)
              .defaultsTo(HttpVersion.AUTO)
              .documented(
                  OptionGroup.ENDPOINT,
                  "HTTP version: auto uses HTTP/2 where TLS negotiates it, otherwise HTTP/1.1."));
  public static final Option<Boolean> SIMULATE =
      add(
          Option.flag("simulate")
              .documented(
                  OptionGroup.ENDPOINT,
                  "Starts a simulated endpoint and sends to it; nothing is paid for."));

  public static final Option<String> ENGINE =
      add(
          Option.text("engine", "COMMAND", EngineCommand::checked)
              .documented(
                  OptionGroup.ENGINES,
                  "Command of a model's server that every executor starts for the job, and whose"
                      + " requests are that executor's, in place of an endpoint. Split into words as"
                      + " a shell does, but run by none; {port}, {host}, {model}, {gpus},"
                      + " {gpu_count}, {adapters}, {quantization} and {image_tag} are filled in."));
  public static final Option<EnginePer> ENGINE_PER =
      add(
          Option.choice("engine-per", EnginePer.class)
              .defaultsTo(EnginePer.EXECUTOR)
              .documented(
                  OptionGroup.ENGINES,
                  "What gets an engine: an executor one with all GPUs of its tasks, each of these"
                      + " GPUs one of its own, or a machine one that its executors share."));
  public static final Option<String> ENGINE_HEALTH =
      add(
          Option.text("engine-health", "PATH", Options::healthPath)
              .defaultsByCircumstance("/health, and where there is none /v1/models")
              .documented(
                  OptionGroup.ENGINES,
                  "Path that an engine answers with success once it is there; then it is asked for"
                      + " one token before the first row."));
  public static final Option<Duration> ENGINE_READY_TIMEOUT =
      add(
          Option.duration("engine-ready-timeout")
              .defaultsTo(Duration.ofMinutes(30))
              .atLeast(Duration.ofSeconds(1))
              .documented(
                  OptionGroup.ENGINES,
                  "How long an engine may take from its start to its first answer, downloads of the"
                      + " model included."));
  public static final Option<Duration> ENGINE_HUNG_AFTER =
      add(
          Option.duration("engine-hung-after")
              .defaultsTo(Duration.ofMinutes(2))
              .atLeast(Duration.ofSeconds(1))
              .documented(
                  OptionGroup.ENGINES,
                  "After how long without any answer, to rows and to questions for its health, an"
                      + " engine is ended and started again."));
  public static final Option<List<String>> ENGINE_ENV =
      add(
          Option.list("engine-env", "NAME")
              .commaSeparated()
              .documented(
                  OptionGroup.ENGINES,
                  "Variable of the driver's environment that engines get, such as HF_TOKEN; its value"
                      + " travels in messages and is in no argument, setting, page or log."));

  public static final Option<String> BASE_MODEL =
      add(
          Option.text("base-model", "NAME")
              .documented(
                  OptionGroup.ENGINES,
                  "Model that engines serve, which {model} stands for in their command. Rows that"
                      + " name none ask for it; those that name another one, such as an adapter,"
                      + " keep it."));
  public static final Option<List<String>> ADAPTERS =
      add(
          Option.list("adapters", "NAME")
              .commaSeparated()
              .documented(
                  OptionGroup.ENGINES,
                  "Adapters that engines load, for {adapters} in their command; where none is"
                      + " given, the other models that rows name."));
  public static final Option<String> QUANTIZATION =
      add(
          Option.text("quantization", "NAME")
              .documented(
                  OptionGroup.ENGINES,
                  "How engines quantize the model, for {quantization} in their command."));
  public static final Option<String> IMAGE_TAG =
      add(
          Option.text("image-tag", "TAG")
              .documented(
                  OptionGroup.ENGINES,
                  "Version of the engines' image, for {image_tag} in their command."));
  public static final Option<String> HUB_TOKEN_ENV =
      add(
          Option.text("hub-token-env", "VARIABLE", Options::variableName)
              .documented(
                  OptionGroup.ENGINES,
                  "Variable of the driver's environment that holds a token for the models' hub;"
                      + " engines get its value as HF_TOKEN, as with --engine-env."));
  public static final Option<String> DEPLOYMENT =
      add(
          Option.text("deployment", "NAME")
              .documented(
                  OptionGroup.ENDPOINT,
                  "Takes what the file deployments/NAME.conf says, where nothing before it does:"
                      + " flags, environment variables, Spark properties."));

  public static final Option<String> API_KEY_ENV =
      add(
          Option.text("api-key-env", "VARIABLE", Options::variableName)
              .documented(
                  OptionGroup.KEYS,
                  "Environment variable of the driver that holds the API key; without any key, no"
                      + " header for it is sent."));
  public static final Option<String> API_KEY_FILE =
      add(
          Option.text("api-key-file", "FILE")
              .documented(
                  OptionGroup.KEYS, "File, readable by the driver, that holds the API key."));
  public static final Option<String> API_KEY_HEADER =
      add(
          Option.text("api-key-header", "NAME", HeaderLines::name)
              .defaultsTo(AUTHORIZATION)
              .documented(
                  OptionGroup.KEYS,
                  "Header that carries the API key, such as api-key or x-api-key."));
  public static final Option<String> API_KEY_SCHEME =
      add(
          Option.text("api-key-scheme", "WORD", HeaderLines::scheme)
              .defaultsByCircumstance("Bearer in Authorization, none in another header")
              .documented(
                  OptionGroup.KEYS,
                  "Word before the key in its header; none sends the key alone."));
  public static final Option<Map<String, String>> HEADER =
      add(
          Option.headers("header")
              .documented(
                  OptionGroup.KEYS,
                  "Additional request header; its value is treated as a secret and is refused in"
                      + " the Spark configuration, which others can read."));

  public static final Option<String> MODEL =
      add(
          Option.text("model", "NAME")
              .identity()
              .documented(
                  OptionGroup.MODEL,
                  "Model of the lines that name none. A line that names another one is refused"
                      + " unless model-override or keep-line-models says which wins."));
  public static final Option<Boolean> MODEL_OVERRIDE =
      add(
          Option.flag("model-override")
              .identity()
              .documented(OptionGroup.MODEL, "The job's model replaces the model of every line."));
  public static final Option<Boolean> KEEP_LINE_MODELS =
      add(
          Option.flag("keep-line-models")
              .identity()
              .documented(
                  OptionGroup.MODEL, "A line's own model wins, such as the id of an adapter."));
  public static final Option<String> AGENT_ID =
      add(
          Option.text("agent-id", "ID")
              .identity()
              .documented(
                  OptionGroup.MODEL,
                  "Agent of Mistral's API that answers the lines that name none, in place of a"
                      + " model."));
  public static final Option<EmbeddingsEncoding> EMBEDDINGS_ENCODING =
      add(
          Option.choice("embeddings-encoding", EmbeddingsEncoding.class)
              .identity()
              .documented(
                  OptionGroup.MODEL,
                  "Sets encoding_format of embedding requests where absent; base64 makes results"
                      + " much smaller."));

  public static final Option<String> ANSWER_SCHEMA =
      add(
          Option.verbatim("answer-schema", "TEXT|FILE", AnswerSchemaText::read)
              .identity()
              .documented(
                  OptionGroup.MODEL,
                  "Schema that every answer has to fit: JSON Schema, columns in Spark's DDL, or a"
                      + " file with either. An answer that does not fit becomes an error row that"
                      + " keeps it."));
  public static final Option<AnswerSchemaMode> ANSWER_SCHEMA_MODE =
      add(
          Option.choice("answer-schema-mode", AnswerSchemaMode.class)
              .defaultsByCircumstance("request")
              .identity()
              .documented(
                  OptionGroup.MODEL,
                  "What is done with the answer schema: request puts it into every request and"
                      + " checks every answer, check leaves the requests alone."));
  public static final Option<AnswerSchemaForm> ANSWER_SCHEMA_FORM =
      add(
          Option.choice("answer-schema-form", AnswerSchemaForm.class)
              .defaultsByCircumstance("the provider's, else standard")
              .documented(
                  OptionGroup.MODEL,
                  "How requests state the answer schema: standard is the form of the API's inventor"
                      + " (response_format, text.format, output_config.format); the others are for"
                      + " servers that have a field of their own."));
  public static final Option<Integer> REPAIR_ATTEMPTS =
      add(
          Option.integer("repair-attempts")
              .defaultsTo(0)
              .atLeast(0)
              .documented(
                  OptionGroup.MODEL,
                  "How often a request is sent again, and paid for again, when its answer does not"
                      + " fit the answer schema; max-attempts holds for all attempts together."));

  public static final Option<List<String>> KEY =
      add(
          Option.list("key", "COLUMN")
              .commaSeparated()
              .documented(
                  OptionGroup.TABLES,
                  "Column of a table whose values name its rows; several make a key of several"
                      + " columns. Each key may occur once. Without one, a row is named by its"
                      + " request."));
  public static final Option<String> PROMPT =
      add(
          Option.verbatim("prompt", "TEMPLATE")
              .documented(
                  OptionGroup.TABLES,
                  "What is asked of each row of a table: a text in which {column} stands for the"
                      + " row's value, {column?text} for the text where that is null, {{ and }} for"
                      + " braces."));
  public static final Option<String> SYSTEM =
      add(
          Option.verbatim("system", "TEMPLATE")
              .documented(
                  OptionGroup.TABLES,
                  "The system message that goes with --prompt, a template as well."));
  public static final Option<String> MESSAGES =
      add(
          Option.verbatim("messages", "EXPRESSION")
              .documented(
                  OptionGroup.TABLES,
                  "Spark SQL expression that gives a row's messages, in place of --prompt: an"
                      + " array of structs with role and content, or JSON text."));
  public static final Option<String> INPUT_COLUMN =
      add(
          Option.verbatim("input-column", "EXPRESSION")
              .documented(
                  OptionGroup.TABLES,
                  "Spark SQL expression that gives a row's input, in place of --prompt, such as"
                      + " the text column of embeddings or moderations."));
  public static final Option<String> BODY =
      add(
          Option.verbatim("body", "EXPRESSION")
              .documented(
                  OptionGroup.TABLES,
                  "Spark SQL expression that gives the body of a row's request: a struct, a map or"
                      + " JSON text. It is the whole body, or carries parameters beside --prompt,"
                      + " such as named_struct('temperature', 0, 'max_tokens', 64)."));
  public static final Option<List<String>> IMAGE =
      add(
          Option.list("image", "COLUMN")
              .commaSeparated()
              .documented(
                  OptionGroup.TABLES,
                  "Column of images that go with --prompt, as binary, data URL, http(s) URL or path"
                      + " under --media-root; COLUMN? where a row may have none."));

  public static final Option<Integer> CONCURRENCY =
      add(
          Option.integer("concurrency")
              .atLeast(1)
              .documented(
                  OptionGroup.RATES,
                  "Most requests in flight at a time over the whole cluster; without it the run finds"
                      + " out by itself how many the endpoint can handle."));
  public static final Option<Long> REQUESTS_PER_MINUTE =
      add(
          Option.longNumber("requests-per-minute")
              .atLeast(1L)
              .documented(OptionGroup.RATES, "Most requests per minute over the whole cluster."));
  public static final Option<Long> TOKENS_PER_MINUTE =
      add(
          Option.longNumber("tokens-per-minute")
              .atLeast(1L)
              .documented(
                  OptionGroup.RATES,
                  "Most prompt and completion tokens per minute over the whole cluster."));
  public static final Option<Integer> EMBED_BATCH =
      add(
          Option.integer("embed-batch")
              .defaultsTo(1)
              .atLeast(1)
              .atMost(2048)
              .documented(
                  OptionGroup.RATES,
                  "Most rows of embeddings that go in one request, for an endpoint whose input takes"
                      + " arrays; each row keeps its own result. Rows that differ in more than their"
                      + " input, or have several inputs, go alone."));
  public static final Option<Dedupe> DEDUPE =
      add(
          Option.choice("dedupe", Dedupe.class)
              .defaultsTo(Dedupe.AUTO)
              .documented(
                  OptionGroup.SAVING,
                  "Whether rows with the same endpoint and body are sent once, and the others get"
                      + " that answer: auto where an answer is a function of its request (embeddings,"
                      + " moderation, classification, rerank, OCR; text with temperature 0 or a seed),"
                      + " on everywhere, off nowhere. What is equal is found when the job is planned."));
  public static final Option<List<String>> REUSE =
      add(
          Option.list("reuse", "OUTPUT")
              .documented(
                  OptionGroup.SAVING,
                  "Output of an earlier job, finished or not: rows that ask what a row asked there"
                      + " get its answer, if it has one, and are not sent. It is only read, may be on"
                      + " another store, and may have other ids and another order. Repeatable."));
  public static final Option<SendOrder> ORDER =
      add(
          Option.choice("order", SendOrder.class)
              .defaultsTo(SendOrder.AUTO)
              .documented(
                  OptionGroup.SAVING,
                  "In which order rows go out: prefix sends rows of a split together that begin with"
                      + " the same tools, system prompt and messages, so that a server's prefix cache"
                      + " serves them, and with several base URLs keeps each prefix at one as far as"
                      + " that has room; input sends them as they stand in the input. auto is prefix,"
                      + " unless a provider's profile names a hosted endpoint that takes no"
                      + " prompt_cache_key. Results are the same."));
  public static final Option<PromptCacheKeys> PROMPT_CACHE_KEY =
      add(
          Option.choice("prompt-cache-key", PromptCacheKeys.class)
              .defaultsTo(PromptCacheKeys.AUTO)
              .documented(
                  OptionGroup.SAVING,
                  "Whether chat requests that begin alike, where they go out by prefix, get the same"
                      + " prompt_cache_key, a hash of what they share: auto where the provider's"
                      + " profile says that it takes one (OpenAI, Mistral), on everywhere, off"
                      + " nowhere. A line's own stays as it is."));
  public static final Option<Via> VIA =
      add(
          Option.choice("via", Via.class)
              .defaultsTo(Via.INTERACTIVE)
              .documented(
                  OptionGroup.SAVING,
                  "How rows reach the provider: interactive sends each in a request of its own; batch"
                      + " puts many into files for the provider's own batch service, which answers"
                      + " within a day, mostly at half the price."));
  public static final Option<Then> THEN =
      add(
          Option.choice("then", Then.class)
              .defaultsTo(Then.NONE)
              .documented(
                  OptionGroup.SAVING,
                  "With via=batch, what is done with rows that a batch left without an answer since it"
                      + " expired or the provider failed: none puts them into a next batch, as often as"
                      + " max-attempts allows; interactive sends them in requests of their own, at their"
                      + " full price."));
  public static final Option<BatchDialect> BATCH_API =
      add(
          Option.choice("batch-api", BatchDialect.class)
              .defaultsTo(BatchDialect.OPENAI)
              .documented(
                  OptionGroup.SAVING,
                  "With via=batch, the dialect of the provider's batch service; its profile says which"
                      + " one that is."));
  public static final Option<String> BATCH_WINDOW =
      add(
          Option.text("batch-window", "WINDOW", Options::batchWindow)
              .defaultsTo("24h")
              .documented(
                  OptionGroup.SAVING,
                  "With via=batch, how long a batch may take before it expires, in hours or days as"
                      + " the provider allows: 24h, 7d."));
  public static final Option<Integer> BATCH_PENDING =
      add(
          Option.integer("batch-pending")
              .atLeast(1)
              .defaultsTo(20)
              .documented(
                  OptionGroup.SAVING,
                  "With via=batch, most batches of the job that are at the provider at a time."));
  public static final Option<Long> BATCH_QUEUED_TOKENS =
      add(
          Option.longNumber("batch-queued-tokens")
              .atLeast(1L)
              .documented(
                  OptionGroup.SAVING,
                  "With via=batch, most tokens, estimated, of all batches that are at the provider at a"
                      + " time; also the most of one batch. Providers limit them by tier."));
  public static final Option<Long> BATCH_QUEUED_REQUESTS =
      add(
          Option.longNumber("batch-queued-requests")
              .atLeast(1L)
              .documented(
                  OptionGroup.SAVING,
                  "With via=batch, most requests of all batches that are at the provider at a time."));
  public static final Option<Double> BATCH_DISCOUNT =
      add(
          Option.decimal("batch-discount")
              .defaultsTo(0.5)
              .atLeast(0.0)
              .atMost(1.0)
              .documented(
                  OptionGroup.SAVING,
                  "With via=batch, the share that the batch service takes off the price of a model for"
                      + " which the price list states none."));
  public static final Option<Duration> POLL_INTERVAL =
      add(
          Option.duration("poll-interval")
              .defaultsTo(Duration.ofSeconds(5))
              .atLeast(Duration.ofMillis(10))
              .documented(
                  OptionGroup.SAVING,
                  "With via=batch, how soon a new batch is looked at again; the waits grow from there."));
  public static final Option<Duration> MAX_POLL_INTERVAL =
      add(
          Option.duration("max-poll-interval")
              .defaultsTo(Duration.ofMinutes(1))
              .atLeast(Duration.ofMillis(10))
              .documented(
                  OptionGroup.SAVING,
                  "With via=batch, the longest wait between two looks at a batch."));
  public static final Option<Duration> BATCH_LAG =
      add(
          Option.duration("batch-lag")
              .defaultsTo(Duration.ofSeconds(30))
              .atLeast(Duration.ZERO)
              .documented(
                  OptionGroup.SAVING,
                  "With via=batch, how far the provider's lists and files may be behind what it did:"
                      + " so long a batch whose creation was not answered is looked for before it is"
                      + " created again, and files without an answer for each row are read again."));
  public static final Option<Boolean> KEEP_REMOTE_FILES =
      add(
          Option.flag("keep-remote-files")
              .documented(
                  OptionGroup.SAVING,
                  "With via=batch, leaves the files of requests and answers at the provider; without"
                      + " it they are deleted there as soon as the answers are durable here."));
  public static final Option<Long> MAX_RESPONSE_BYTES =
      add(
          Option.bytes("max-response-bytes")
              .defaultsTo(64L << 20)
              .atLeast(1L)
              .atMost(GIB)
              .documented(OptionGroup.RATES, "A larger answer is cut off and becomes an error."));

  public static final Option<Duration> REQUEST_TIMEOUT =
      add(
          Option.duration("request-timeout")
              .defaultsTo(Duration.ofMinutes(10))
              .atLeast(Duration.ofMillis(1))
              .documented(
                  OptionGroup.RETRIES,
                  "Longest wait for one answer, counted from the last byte of the request."));
  public static final Option<Duration> CONNECT_TIMEOUT =
      add(
          Option.duration("connect-timeout")
              .defaultsTo(Duration.ofSeconds(10))
              .atLeast(Duration.ofMillis(1))
              .documented(OptionGroup.RETRIES, "Longest wait for one connection."));
  public static final Option<Integer> MAX_ATTEMPTS =
      add(
          Option.integer("max-attempts")
              .defaultsTo(5)
              .atLeast(1)
              .documented(
                  OptionGroup.RETRIES, "Most attempts per request, including the first one."));
  public static final Option<Integer> RETRY_AMBIGUOUS =
      add(
          Option.integer("retry-ambiguous")
              .defaultsTo(1)
              .atLeast(0)
              .documented(
                  OptionGroup.RETRIES,
                  "How often a request that may have run already, and been paid for, is sent again."));
  public static final Option<Duration> MAX_COOL_DOWN =
      add(
          Option.duration("max-cool-down")
              .defaultsTo(Duration.ofMinutes(15))
              .atLeast(Duration.ZERO)
              .documented(
                  OptionGroup.RETRIES,
                  "Longest pause an endpoint may ask for, and longest time that it may be away,"
                      + " without a connection or with nothing but 502 and 503; beyond it the job"
                      + " stops, to be resumed later."));
  public static final Option<Duration> WAIT_FOR_ENDPOINT =
      add(
          Option.duration("wait-for-endpoint")
              .atLeast(Duration.ZERO)
              .documented(
                  OptionGroup.RETRIES,
                  "How long to wait for the endpoint's first answer, even while its host has no"
                      + " address or is not listening yet. Without it, four refused connections stop"
                      + " the job, and the run waits through 503s for as long as --max-cool-down."));
  public static final Option<Duration> DRAIN_TIMEOUT =
      add(
          Option.duration("drain-timeout")
              .defaultsTo(Duration.ofSeconds(25))
              .atLeast(Duration.ZERO)
              .documented(
                  OptionGroup.RETRIES,
                  "Time an interrupted run gives the requests in flight before it flushes and"
                      + " ends."));

  public static final Option<Double> TIMEOUT_HOURS =
      add(
          Option.decimal("timeout-hours")
              .moreThan(0.0)
              .defaultsByCircumstance("none for run, 24 for jobs of the service")
              .documented(
                  OptionGroup.JOB_LIMITS,
                  "Hours from its creation after which a job ends with what it has."));
  public static final Option<Double> MAX_FAILURE_RATE =
      add(
          Option.decimal("max-failure-rate")
              .defaultsTo(0.1)
              .atLeast(0.0)
              .atMost(1.0)
              .documented(
                  OptionGroup.JOB_LIMITS,
                  "Share of failed rows, from 0 to 1, above which a job counts as failed."));
  public static final Option<Double> MAX_COST =
      add(
          Option.decimal("max-cost")
              .moreThan(0.0)
              .documented(
                  OptionGroup.JOB_LIMITS,
                  "Most the job may cost over all its runs, in the currency of the price list."));
  public static final Option<Long> MAX_TOTAL_TOKENS =
      add(
          Option.longNumber("max-total-tokens")
              .atLeast(1L)
              .documented(
                  OptionGroup.JOB_LIMITS,
                  "Most prompt and completion tokens the job may use over all its runs."));

  public static final Option<Boolean> RESUME =
      add(
          Option.flag("resume")
              .documented(
                  OptionGroup.REPEATING,
                  "Goes on with a cancelled or timed-out job: its cancelled and expired rows"
                      + " run."));
  public static final Option<Boolean> RETRY_FAILED =
      add(
          Option.flag("retry-failed")
              .documented(
                  OptionGroup.REPEATING,
                  "Runs the failed rows of a finished job again, except lines that are invalid in"
                      + " themselves; successful rows stay and are not sent."));
  public static final Option<Boolean> RERUN =
      add(
          Option.flag("rerun")
              .documented(
                  OptionGroup.REPEATING,
                  "Runs everything anew and pays for everything again, once per --run-id. Without a"
                      + " run id, a rerun that is not finished goes on instead of beginning"
                      + " again."));
  public static final Option<Boolean> RESUME_STAGED =
      add(
          Option.flag("resume-staged")
              .documented(
                  OptionGroup.REPEATING,
                  "Goes on with the requests that the job has staged from its table, without"
                      + " reading the table again."));
  public static final Option<String> RUN_ID =
      add(
          Option.text("run-id", "ID")
              .defaultsByCircumstance("Airflow's AIRFLOW_CTX_DAG_RUN_ID")
              .documented(
                  OptionGroup.REPEATING,
                  "Names the scheduled run that gives the command, the same for every try of it: a"
                      + " --rerun under the id of the last one continues it, or reports how it"
                      + " ended."));
  public static final Option<Boolean> TAKE_OVER =
      add(
          Option.flag("take-over")
              .documented(
                  OptionGroup.REPEATING,
                  "Waits until the run that owns the output is provably gone, then goes on."));
  public static final Option<Map<String, String>> METADATA =
      add(
          Option.keyValues("metadata")
              .documented(OptionGroup.REPEATING, "Notes to keep with the job in job.json."));

  public static final Option<Boolean> PARTIAL =
      add(
          Option.flag("partial")
              .documented(OptionGroup.READING, "results: even of a job that is not finished."));
  public static final Option<Boolean> FOLLOW =
      add(
          Option.flag("follow")
              .documented(
                  OptionGroup.READING,
                  "results: goes on writing rows as they are published, until the job is over."));
  public static final Option<Boolean> ERRORS =
      add(
          Option.flag("errors")
              .documented(OptionGroup.READING, "results: the error rows instead of the results."));
  public static final Option<Boolean> FAILED_REQUESTS =
      add(
          Option.flag("failed-requests")
              .documented(
                  OptionGroup.READING, "results: the original input lines of the failed rows."));
  public static final Option<Boolean> JOIN =
      add(
          Option.flag("join")
              .documented(
                  OptionGroup.READING, "results: each result together with its input line."));
  public static final Option<String> FORMAT_OF_ANSWERS =
      add(
          Option.text("format", "FORMAT", Options::tableFormat)
              .documented(
                  OptionGroup.READING,
                  "results: writes all rows as a table in a format that Spark writes, such as"
                      + " parquet, orc, csv, json or delta, with --to or --to-table."));
  public static final Option<String> FROM =
      add(
          Option.text("from", "FILE")
              .documented(
                  OptionGroup.SAVING,
                  "prices: a public list of prices in JSON, that of genai-prices or LiteLLM's."));
  public static final Option<String> TO =
      add(
          Option.text("to", "PATH")
              .documented(
                  OptionGroup.READING,
                  "results: folder to which the table is written; sample: file for the rows, in"
                      + " place of standard output; report: file for the page, in place of"
                      + " report.html in the job's folder."));
  public static final Option<String> TO_TABLE =
      add(
          Option.text("to-table", "NAME")
              .documented(
                  OptionGroup.READING,
                  "results: table of Spark's catalogue to which the answers are written."));
  public static final Option<Boolean> OVERWRITE =
      add(
          Option.flag("overwrite")
              .documented(
                  OptionGroup.READING,
                  "results, sample: replaces what is at --to or --to-table; without it that is"
                      + " refused."));
  public static final Option<Integer> COUNT =
      add(
          Option.integer("count")
              .shortName("n")
              .atLeast(1)
              .atMost(1_000_000)
              .defaultsByCircumstance("20 rows, 3 examples")
              .documented(
                  OptionGroup.READING, "sample: how many rows; diff: most examples of each kind."));
  public static final Option<Long> SEED =
      add(
          Option.longNumber("seed")
              .defaultsTo(1L)
              .documented(
                  OptionGroup.READING,
                  "sample: another number chooses other rows, the same one the same."));
  public static final Option<String> WITH =
      add(
          Option.text("with", "FOLDER", Options::outputFolder)
              .documented(
                  OptionGroup.READING, "diff: the output that the first one is compared with."));
  public static final Option<String> HTML =
      add(
          Option.text("html", "FILE")
              .documented(
                  OptionGroup.READING,
                  "diff: also writes a page to look at, which loads nothing from elsewhere; replaces"
                      + " the file."));
  public static final Option<Long> MAX_FILE_LINES =
      add(
          Option.longNumber("max-file-lines")
              .atLeast(1L)
              .defaultsByCircumstance("the provider's limit, else 50000")
              .documented(
                  OptionGroup.READING, "split, and run with via=batch: most lines per file."));
  public static final Option<Long> MAX_FILE_BYTES =
      add(
          Option.bytes("max-file-bytes")
              .atLeast(1L)
              .defaultsByCircumstance("the provider's limit, else 100MB")
              .documented(
                  OptionGroup.READING, "split, and run with via=batch: most bytes per file."));

  public static final Option<String> STORE =
      add(
          Option.text("store", "FOLDER")
              .documented(
                  OptionGroup.SERVICE,
                  "Folder of the service's files and jobs, on any Hadoop filesystem."));
  public static final Option<String> HOST =
      add(
          Option.text("host", "ADDRESS")
              .defaultsTo("127.0.0.1")
              .documented(
                  OptionGroup.SERVICE,
                  "Address to listen on; 0.0.0.0 for all addresses of the machine."));
  public static final Option<Integer> PORT =
      add(
          Option.integer("port")
              .defaultsTo(8080)
              .atLeast(0)
              .atMost(65535)
              .documented(OptionGroup.SERVICE, "Port to listen on, 0 for any free one."));
  public static final Option<String> KEYS_FILE =
      add(
          Option.text("keys-file", "FILE")
              .documented(
                  OptionGroup.SERVICE,
                  "Access keys of the service and the settings of their workspaces, made with"
                      + " batchinfer keys; read again when it changes."));
  public static final Option<String> TLS_CERTIFICATE =
      add(
          Option.text("tls-certificate", "FILE")
              .documented(
                  OptionGroup.SERVICE,
                  "PEM file of the service's certificate chain; with tls-key, the service speaks"
                      + " HTTPS."));
  public static final Option<String> TLS_KEY =
      add(
          Option.text("tls-key", "FILE")
              .documented(OptionGroup.SERVICE, "PEM file of the private key of tls-certificate."));
  public static final Option<String> PUBLIC_URL =
      add(
          Option.text("public-url", "URL")
              .defaultsByCircumstance("the address that the client called")
              .documented(
                  OptionGroup.SERVICE,
                  "Address under which clients reach the service, for signed download URLs."));
  public static final Option<Integer> MAX_RUNNING_JOBS =
      add(
          Option.integer("max-running-jobs")
              .defaultsTo(16)
              .atLeast(1)
              .documented(
                  OptionGroup.SERVICE, "Jobs that the service runs at a time; more are queued."));
  public static final Option<Integer> MAX_RUNNING_JOBS_PER_WORKSPACE =
      add(
          Option.integer("max-running-jobs-per-workspace")
              .defaultsTo(4)
              .atLeast(1)
              .documented(OptionGroup.SERVICE, "Jobs of one workspace among them."));
  public static final Option<Long> MAX_PENDING_REQUESTS =
      add(
          Option.longNumber("max-pending-requests")
              .defaultsTo(1_000_000L)
              .atLeast(1L)
              .documented(
                  OptionGroup.SERVICE,
                  "Most requests of a workspace that may wait for their answer, over all its"
                      + " jobs."));
  public static final Option<Long> MAX_UPLOAD_BYTES =
      add(
          Option.bytes("max-upload-bytes")
              .defaultsTo(512L << 20)
              .atLeast(1L)
              .documented(OptionGroup.SERVICE, "A larger file is refused."));
  public static final Option<Long> BATCH_MAX_LINES =
      add(
          Option.longNumber("batch-max-lines")
              .atLeast(1L)
              .defaultsByCircumstance("50000, as OpenAI has it")
              .documented(
                  OptionGroup.SERVICE, "Most requests of a job that comes through OpenAI's API."));
  public static final Option<Long> BATCH_MAX_BYTES =
      add(
          Option.bytes("batch-max-bytes")
              .atLeast(1L)
              .defaultsByCircumstance("200MiB, as OpenAI has it")
              .documented(
                  OptionGroup.SERVICE,
                  "Most bytes of the input of a job that comes through OpenAI's API."));
  public static final Option<Boolean> BATCH_MIXED_MODELS =
      add(
          Option.flag("batch-mixed-models")
              .documented(
                  OptionGroup.SERVICE,
                  "Takes jobs through OpenAI's API whose lines name different models, as Parasail"
                      + " and LoRAX do."));
  public static final Option<Integer> MAX_CONNECTIONS =
      add(
          Option.integer("max-connections")
              .defaultsTo(4096)
              .atLeast(1)
              .documented(OptionGroup.SERVICE, "Most connections of clients at a time."));

  public static final Option<List<String>> WORKSPACES =
      add(
          Option.list("workspaces", "NAME")
              .documented(
                  OptionGroup.SERVICE,
                  "In a deployment: the workspaces whose jobs may ask for it; without it, all of"
                      + " them."));

  public static final Option<Boolean> METRICS_BY_WORKSPACE =
      add(
          Option.flag("metrics-by-workspace")
              .documented(
                  OptionGroup.SERVICE,
                  "Shows workspaces separately at /metrics, which needs no key; otherwise only their"
                      + " sums can be read there."));

  public static final Option<String> OTLP_ENDPOINT =
      add(
          Option.text("otlp-endpoint", "URL", CollectorAddress::normalised)
              .documented(
                  OptionGroup.WATCHING,
                  "OpenTelemetry collector that is told of the run in OTLP over HTTP, such as"
                      + " http://otel:4318; /v1/metrics and /v1/traces are added. No text of"
                      + " requests or answers goes there."));
  public static final Option<String> OTLP_HEADERS_ENV =
      add(
          Option.text("otlp-headers-env", "VARIABLE", Options::variableName)
              .defaultsTo(CollectorAddress.USUAL_HEADERS)
              .documented(
                  OptionGroup.WATCHING,
                  "Environment variable of the driver that holds headers for the collector:"
                      + " name=value, commas between several, values encoded as in a URL."));
  public static final Option<String> CONFIG =
      add(
          Option.text("config", "FILE")
              .defaultsByCircumstance("conf/batchinfer.conf where it exists")
              .documented(
                  OptionGroup.GENERAL,
                  "File of key = value lines; not settable in the file itself."));
  public static final Option<Boolean> JSON =
      add(
          Option.flag("json")
              .documented(
                  OptionGroup.GENERAL,
                  "One JSON object on standard output, everything else on standard error."));
  public static final Option<String> SUMMARY_FILE =
      add(
          Option.text("summary-file", "FILE")
              .documented(
                  OptionGroup.GENERAL,
                  "Holds the object of --json when the command has ended, also of a run that never"
                      + " began; a scheduler reads it there. A path without a scheme is on the machine"
                      + " of the command."));
  public static final Option<Integer> PAGE =
      add(
          Option.integer("page")
              .bare(0)
              .atLeast(0)
              .atMost(65_535)
              .documented(
                  OptionGroup.WATCHING,
                  "Serves the run's report while it lasts, at an address of this machine that the start"
                      + " line names, with a button that cancels it. On that port; without one, on any"
                      + " that is free."));
  public static final Option<Boolean> OPEN =
      add(
          Option.flag("open")
              .documented(
                  OptionGroup.READING,
                  "report: opens the page in this machine's browser; of a folder elsewhere, a copy"
                      + " of it."));
  public static final Option<Boolean> WATCH =
      add(
          Option.flag("watch")
              .documented(
                  OptionGroup.GENERAL,
                  "Keeps showing how the job stands until it ends; with --json, one object per line"
                      + " each time."));
  public static final Option<String> SUBMISSION =
      add(
          Option.text("submission", "TOKEN")
              .documented(
                  OptionGroup.GENERAL,
                  "Set by the start script in cluster mode: run leaves a note of how it ended under"
                      + " this name, and status reads it."));
  public static final Option<Boolean> VERBOSE =
      add(
          Option.flag("verbose")
              .documented(OptionGroup.GENERAL, "Stack traces and details on standard error."));

  private static final Pattern JSONL_FILE =
      Pattern.compile(".*\\.jsonl(\\.(gz|zst|bz2))?", Pattern.CASE_INSENSITIVE);
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private Options() {}

  /** Every option in the order of its group and declaration. */
  public static List<Option<?>> all() {
    return Collections.unmodifiableList(ALL);
  }

  /** The option of that name, such as {@code request-timeout}. */
  public static Optional<Option<?>> named(String name) {
    for (Option<?> option : ALL) {
      if (option.name().equals(name)) {
        return Optional.of(option);
      }
    }
    return Optional.empty();
  }

  private static <T> Option<T> add(Option<T> option) {
    ALL.add(option);
    return option;
  }

  private static String tableFormat(String value) throws InvalidValue {
    if (!FORMAT.matcher(value).matches()) {
      throw InvalidValue.of(
          value, "is not the name of a format", "give parquet, orc, csv, json, delta or another");
    }
    return value;
  }

  private static String inputFormat(String value) throws InvalidValue {
    if (!FORMAT.matcher(value).matches()) {
      throw InvalidValue.of(
          value,
          "is not the name of a format",
          "give jsonl, parquet, orc, csv, json, delta or another");
    }
    return value.equalsIgnoreCase(JSONL) ? JSONL : value;
  }

  private static String outputFolder(String value) throws InvalidValue {
    if (JSONL_FILE.matcher(value).matches()) {
      throw InvalidValue.of(
          value,
          "names a file, but the output is a folder of parts",
          "give a folder, and write one file afterwards with \"batchinfer results FOLDER >"
              + " FILE.jsonl\"");
    }
    return value;
  }

  static String endpointPath(String value) throws InvalidValue {
    Optional<String> path =
        value.toLowerCase(Locale.ROOT).startsWith("http")
            ? Optional.empty()
            : EndpointPaths.canonical(value);
    return path.orElseThrow(
        () ->
            InvalidValue.of(
                value, "is not an endpoint path", "give one, such as /v1/chat/completions"));
  }

  static String batchWindow(String value) throws InvalidValue {
    if (!value.matches("[1-9][0-9]{0,3}[hd]")) {
      throw InvalidValue.of(
          value, "is no number of hours or days", "give one with h or d, such as 24h or 7d");
    }
    return value;
  }

  static String variableName(String value) throws InvalidValue {
    if (!VARIABLE.matcher(value).matches()) {
      throw InvalidValue.concealed(
          "is not the name of an environment variable",
          "give the name, such as OPENAI_API_KEY, and put the key itself into the variable");
    }
    return value;
  }

  private static String healthPath(String value) throws InvalidValue {
    if (!value.startsWith("/") || value.contains(" ")) {
      throw InvalidValue.of(value, "is no path", "give one such as /health");
    }
    return value;
  }
}
