package io.batchinfer.config;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/** What is read and where the job writes. */
public final class InputOutputOptions {
  /** The format of files that hold requests as they are. */
  public static final String JSONL = "jsonl";

  private static final Pattern FORMAT = Pattern.compile("[A-Za-z_][A-Za-z0-9._$-]*");
  private static final Pattern JSONL_FILE =
      Pattern.compile(".*\\.jsonl(\\.(gz|zst|bz2))?", Pattern.CASE_INSENSITIVE);
  private static final Declarations OPTIONS = new Declarations(OptionGroup.INPUT_AND_OUTPUT);

  public static final Option<List<String>> INPUT =
      OPTIONS.add(
          Option.list("input", "PATH").shortName("i"),
          "Files, folders or globs of JSONL requests, on any Hadoop filesystem; .gz, .zst"
              + " and .bz2 are read as well.");

  public static final Option<String> INPUT_FORMAT =
      OPTIONS.add(
          Option.text("input-format", "FORMAT", InputOutputOptions::inputFormat).defaultsTo(JSONL),
          "What the input holds: jsonl is requests as they are; any other name is a format"
              + " that Spark reads as a table, such as parquet, orc, csv, json, delta or"
              + " iceberg.");

  public static final Option<List<String>> INPUT_OPTION =
      OPTIONS.add(
          Option.list("input-option", "NAME=VALUE"),
          "Option of Spark's reader of that format, such as header=true for csv.");

  public static final Option<String> INPUT_TABLE =
      OPTIONS.add(
          Option.text("input-table", "NAME"),
          "Table or view of Spark's catalogue whose rows are answered, in place of files.");

  public static final Option<String> INPUT_SQL =
      OPTIONS.add(
          Option.verbatim("input-sql", "QUERY"),
          "Query whose rows are answered, in place of files.");

  public static final Option<Boolean> RECURSIVE =
      OPTIONS.add(
          Option.flag("recursive"),
          "Also reads the subfolders of input folders, except those whose name begins with _"
              + " or a dot.");

  public static final Option<Integer> DRY_RUN =
      OPTIONS.add(
          Option.integer("dry-run").atLeast(1),
          "Prints the first N requests that a table gives, and sends nothing; the model and the"
              + " answer schema are added when a request is sent.");

  public static final Option<String> OUTPUT =
      OPTIONS.add(
          Option.text("output", "FOLDER", InputOutputOptions::outputFolder).shortName("o"),
          "Folder of the job: results, errors, journal and job.json.");

  public static final Option<OnInvalid> ON_INVALID =
      OPTIONS.add(
          Option.choice("on-invalid", OnInvalid.class).defaultsTo(OnInvalid.FAIL).identity(),
          "What to do with lines that can never be sent: fail lists them and stops before"
              + " the first request, record writes them as errors and runs the rest.");

  public static final Option<String> MEDIA_ROOT =
      OPTIONS.add(
          Option.text("media-root", "FOLDER"),
          "Folder under which the audio files of transcriptions may lie; without it, lines"
              + " may only name URLs that the endpoint fetches.");

  public static final Option<Long> MAX_LINE_BYTES =
      OPTIONS.add(
          Option.bytes("max-line-bytes").defaultsTo(256L << 20).atLeast(1L).atMost(1L << 30),
          "A longer input line is an invalid line.");

  public static final Option<Long> SPLIT_BYTES =
      OPTIONS.add(
          Option.bytes("split-bytes").defaultsTo(8L << 20).atLeast(1L),
          "Input bytes per split; a split is the unit of work and becomes one part.");

  public static final Option<Duration> FLUSH_INTERVAL =
      OPTIONS.add(
          Option.duration("flush-interval")
              .defaultsByCircumstance("250ms on local and HDFS, 2s on object stores")
              .atLeast(Duration.ofMillis(1)),
          "How often answers are made durable; after a crash, at most the answers of one"
              + " interval are paid for again.");

  private InputOutputOptions() {}

  static List<Option<?>> all() {
    return OPTIONS.all();
  }

  static String tableFormat(String value) throws InvalidValue {
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

  static String outputFolder(String value) throws InvalidValue {
    if (JSONL_FILE.matcher(value).matches()) {
      throw InvalidValue.of(
          value,
          "names a file, but the output is a folder of parts",
          "give a folder, and write one file afterwards with \"batchinfer results FOLDER >"
              + " FILE.jsonl\"");
    }
    return value;
  }
}
