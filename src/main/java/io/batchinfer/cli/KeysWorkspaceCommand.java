package io.batchinfer.cli;

import io.batchinfer.store.Workspace;
import io.batchinfer.store.WorkspaceSaving;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code keys workspace}: shows and sets what holds for one workspace. */
@Command(
    name = "workspace",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Sets what holds for a workspace, and shows it; without a setting it only shows.",
      "The word none takes a setting away. For what is not set, the service's own options hold."
    },
    footerHeading = "%nExample%n",
    footer =
        "  batchinfer keys workspace --keys-file keys.json --workspace acme --concurrency 64"
            + " --max-cost 100")
@SuppressWarnings("NullAway.Init") // picocli sets the options before it calls
final class KeysWorkspaceCommand implements Callable<Integer> {
  private static final String NONE = "none";
  private static final String UNSET = "not set";
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}([.][0-9]{1,18})?");
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  @Spec private CommandSpec spec;

  @Mixin private KeysFlags flags;

  @Option(
      names = "--workspace",
      paramLabel = "NAME",
      required = true,
      description = "The workspace; it need not have a key yet.")
  private String name;

  @Option(
      names = "--upstream-key-env",
      paramLabel = "VAR",
      description = {
        "Environment variable of the service that holds the key with which the requests of this"
            + " workspace are sent. Takes the place of a file."
      })
  private Optional<String> keyVariable;

  @Option(
      names = "--upstream-key-file",
      paramLabel = "FILE",
      description = "The same in a file, which the service reads. Takes the place of a variable.")
  private Optional<String> keyFile;

  @Option(
      names = "--concurrency",
      paramLabel = "N",
      description = "Requests that all its jobs together may have under way.")
  private Optional<String> concurrency;

  @Option(
      names = "--max-cost",
      paramLabel = "X",
      description = "What all its jobs together may cost, in the currency of the price table.")
  private Optional<String> maxCost;

  @Option(
      names = "--requests-per-minute",
      paramLabel = "N",
      description = "Calls of the service's API that it may make in a minute.")
  private Optional<String> requestsPerMinute;

  @Option(
      names = "--dedupe",
      paramLabel = "WORD",
      description =
          "Whether equal rows of a job share one answer: auto, on or off, as of a run of one's own.")
  private Optional<String> dedupe;

  @Option(
      names = "--order",
      paramLabel = "WORD",
      description = "In which order rows of a job go out: auto, prefix or input.")
  private Optional<String> order;

  @Option(
      names = "--reuse-jobs",
      paramLabel = "N",
      description = {
        "Rows that ask what a row of one of its N latest ended jobs asked get the answer that this"
            + " one got, and are not sent; at most 100. Jobs of other workspaces are never looked at."
      })
  private Optional<String> reuseJobs;

  @Override
  public Integer call() {
    String workspace = KeysFlags.workspaceName(name);
    Workspace settings =
        isChange() ? flags.file().set(workspace, checkedChange()) : present(workspace);
    print(settings, spec.commandLine().getOut());
    return 0;
  }

  private boolean isChange() {
    return keyVariable.isPresent()
        || keyFile.isPresent()
        || concurrency.isPresent()
        || maxCost.isPresent()
        || requestsPerMinute.isPresent()
        || dedupe.isPresent()
        || order.isPresent()
        || reuseJobs.isPresent();
  }

  private Workspace present(String workspace) {
    return flags
        .file()
        .workspace(workspace)
        .orElseThrow(
            () ->
                KeysFlags.mistake(
                    "\"%s\" has neither a key nor a setting of workspace \"%s\"; check the name, or make a key with \"batchinfer keys create\"."
                        .formatted(flags.path(), workspace)));
  }

  /** The change, all of whose values have been checked before any is stored. */
  private UnaryOperator<Workspace> checkedChange() {
    if (keyVariable.isPresent() && keyFile.isPresent()) {
      throw KeysFlags.mistake(
          "--upstream-key-env and --upstream-key-file are both given; a workspace has one upstream key, so give one of them.");
    }
    Optional<String> variable = value(keyVariable).map(KeysWorkspaceCommand::variable);
    Optional<String> file = value(keyFile).map(this::file);
    Optional<Integer> slots =
        value(concurrency)
            .map(text -> Math.toIntExact(whole("--concurrency", text, Integer.MAX_VALUE)));
    Optional<Double> cost = value(maxCost).map(KeysWorkspaceCommand::cost);
    Optional<Long> calls =
        value(requestsPerMinute).map(text -> whole("--requests-per-minute", text, Long.MAX_VALUE));
    Optional<String> sharing =
        value(dedupe).map(text -> word("--dedupe", text, WorkspaceSaving.DEDUPE));
    Optional<String> ordering =
        value(order).map(text -> word("--order", text, WorkspaceSaving.ORDER));
    Optional<Integer> reused =
        value(reuseJobs)
            .map(text -> Math.toIntExact(whole("--reuse-jobs", text, WorkspaceSaving.MOST_REUSED)));
    boolean newKey = keyVariable.isPresent() || keyFile.isPresent();
    return before ->
        new Workspace(
            before.name(),
            newKey ? variable : before.apiKeyEnv(),
            newKey ? file : before.apiKeyFile(),
            concurrency.isPresent() ? slots : before.concurrency(),
            maxCost.isPresent() ? cost : before.maxCost(),
            requestsPerMinute.isPresent() ? calls : before.requestsPerMinute(),
            new WorkspaceSaving(
                dedupe.isPresent() ? sharing : before.saving().dedupe(),
                order.isPresent() ? ordering : before.saving().order(),
                reuseJobs.isPresent() ? reused : before.saving().reuse()));
  }

  private static String word(String flag, String text, Set<String> known) {
    if (!known.contains(text)) {
      throw KeysFlags.mistake(
          "%s is %s; give one of %s, or none to take the setting away."
              .formatted(
                  flag,
                  KeysFlags.shown(text),
                  String.join(", ", known.stream().sorted().toList())));
    }
    return text;
  }

  private static Optional<String> value(Optional<String> flag) {
    return flag.filter(text -> !text.equals(NONE));
  }

  private static String variable(String text) {
    if (!VARIABLE.matcher(text).matches()) {
      // What was given may be the key itself.
      throw KeysFlags.mistake(
          "--upstream-key-env is not the name of an environment variable (letters, digits and _, the first no digit); put the key into a variable of the service and give its name, never the key itself.");
    }
    return text;
  }

  private String file(String text) {
    if (text.isBlank()) {
      throw KeysFlags.mistake("--upstream-key-file is empty; name the file that holds the key.");
    }
    Path path = Path.of(text).toAbsolutePath().normalize();
    if (!Files.isRegularFile(path)) {
      PrintWriter err = spec.commandLine().getErr();
      err.println(
          "There is no file at --upstream-key-file yet; put it there before the service needs it.");
      err.flush();
    }
    return path.toString();
  }

  private static long whole(String flag, String text, long most) {
    BigDecimal number = number(text);
    if (number.stripTrailingZeros().scale() > 0
        || number.compareTo(BigDecimal.ONE) < 0
        || number.compareTo(BigDecimal.valueOf(most)) > 0) {
      throw KeysFlags.mistake(
          "%s is %s; give a whole number from 1 to %d, or none to take the setting away."
              .formatted(flag, KeysFlags.shown(text), most));
    }
    return number.longValueExact();
  }

  private static double cost(String text) {
    double cost = number(text).doubleValue();
    if (!(cost > 0) || Double.isInfinite(cost)) {
      throw KeysFlags.mistake(
          "--max-cost is %s; give a number above 0 such as 2.50, or none to take the setting away."
              .formatted(KeysFlags.shown(text)));
    }
    return cost;
  }

  /** The number in the text; zero, which no flag takes, if it is none. */
  private static BigDecimal number(String text) {
    return NUMBER.matcher(text).matches() ? new BigDecimal(text) : BigDecimal.ZERO;
  }

  private static void print(Workspace workspace, PrintWriter out) {
    String upstreamKey =
        workspace
            .apiKeyEnv()
            .map(variable -> "in variable " + variable)
            .or(() -> workspace.apiKeyFile().map(file -> "in file " + file))
            .orElse(UNSET);
    out.println("workspace            " + workspace.name());
    out.println("upstream key         " + upstreamKey);
    out.println("concurrency          " + shown(workspace.concurrency()));
    out.println("max cost             " + shown(workspace.maxCost()));
    out.println("requests per minute  " + shown(workspace.requestsPerMinute()));
    out.println("dedupe               " + shown(workspace.saving().dedupe()));
    out.println("order                " + shown(workspace.saving().order()));
    out.println("reuse of jobs        " + shown(workspace.saving().reuse()));
    out.flush();
  }

  private static String shown(Optional<?> setting) {
    return setting.map(Object::toString).orElse(UNSET);
  }
}
