package io.batchinfer.config;

/** The headings under which options are listed, in order. */
public enum OptionGroup {
  INPUT_AND_OUTPUT("Input and output"),
  ENDPOINT("Endpoint"),
  ENGINES("Engines"),
  KEYS("Keys and headers"),
  MODEL("Model and request bodies"),
  TABLES("Tables"),
  RATES("Rates and sizes"),
  SAVING("Paying less"),
  RETRIES("Time-outs and retries"),
  JOB_LIMITS("Limits of a job"),
  REPEATING("Running again"),
  READING("Reading results and splitting"),
  SERVICE("Service"),
  WATCHING("Watching a run"),
  GENERAL("General");

  private final String heading;

  OptionGroup(String heading) {
    this.heading = heading;
  }

  public String heading() {
    return heading;
  }
}
