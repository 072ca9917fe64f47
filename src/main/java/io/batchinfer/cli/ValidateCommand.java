package io.batchinfer.cli;

import io.batchinfer.config.EndpointOptions;
import io.batchinfer.config.GeneralOptions;
import io.batchinfer.config.InputOutputOptions;
import io.batchinfer.config.ModelOptions;
import io.batchinfer.config.OnInvalid;
import io.batchinfer.config.Option;
import io.batchinfer.config.ProviderProfile;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.SavingOptions;
import io.batchinfer.engine.lead.EarlierJobs;
import io.batchinfer.engine.plan.EarlierAnswers;
import io.batchinfer.engine.plan.InputValidation;
import io.batchinfer.estimate.PriceTable;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.FileStores;
import io.batchinfer.storage.StoreProbe;
import java.util.List;

/** {@code validate}: everything that a run does before its first request, and what it will cost. */
final class ValidateCommand extends OptionCommand {
  /** Exit code for an input that a run would refuse. */
  static final int INVALID = ErrorCode.INVALID_INPUT.exitCode();

  private static final List<Option<?>> OPTIONS =
      List.of(
          InputOutputOptions.INPUT,
          InputOutputOptions.OUTPUT,
          InputOutputOptions.RECURSIVE,
          InputOutputOptions.ON_INVALID,
          InputOutputOptions.MEDIA_ROOT,
          InputOutputOptions.MAX_LINE_BYTES,
          EndpointOptions.BASE_URL,
          EndpointOptions.PROVIDER,
          EndpointOptions.ENDPOINT,
          EndpointOptions.ALLOWED_ENDPOINTS,
          ModelOptions.MODEL,
          ModelOptions.MODEL_OVERRIDE,
          ModelOptions.KEEP_LINE_MODELS,
          ModelOptions.AGENT_ID,
          ModelOptions.EMBEDDINGS_ENCODING,
          SavingOptions.DEDUPE,
          SavingOptions.REUSE,
          GeneralOptions.CONFIG,
          GeneralOptions.JSON,
          GeneralOptions.VERBOSE);

  ValidateCommand() {
    super(
        "validate",
        "Checks an input and says what a run would cost, without sending anything.",
        OPTIONS);
  }

  @Override
  String details() {
    return "Reads the whole input as a run would: lists the lines that can never be sent, counts requests, duplicates and tokens, and estimates output size and cost, side by side for the ways in which the rows can be paid. Give it the options of the run that change requests. Ends with 0, or with 2 where a run would refuse the input. Compressed input is unpacked to the temporary folder meanwhile. With --output it also tries whether that store can hold a job.";
  }

  @Override
  List<String> examples() {
    return List.of(
        "batchinfer validate -i requests.jsonl --provider openai --model gpt-4o-mini",
        "batchinfer validate -i requests/ --on-invalid record --json");
  }

  @Override
  int run(ResolvedOptions options, Terminal terminal) {
    List<String> inputs = options.require(InputOutputOptions.INPUT);
    FileStores stores = HadoopFiles.stores();
    InputValidation validation;
    try (ScratchFolder scratch = ScratchFolder.make(stores)) {
      validation =
          InputValidation.of(
              stores, inputs, options, earlier(stores, options, scratch.path()), scratch.path());
    }
    CostForecast forecast =
        CostForecast.of(
            validation.models(),
            PriceTable.load(confFolder()),
            options.profile().map(ProviderProfile::name));
    ValidationReport report =
        new ValidationReport(
            validation,
            forecast,
            options.get(InputOutputOptions.ON_INVALID) == OnInvalid.RECORD,
            options.find(InputOutputOptions.OUTPUT).map(output -> store(stores, output)));
    if (options.get(GeneralOptions.JSON)) {
      terminal.err().println(report.words());
      terminal.err().flush();
      terminal.out().println(report.json());
    } else {
      terminal.out().println(report.words());
    }
    terminal.out().flush();
    return report.isValid() ? 0 : INVALID;
  }

  private static List<EarlierAnswers> earlier(
      FileStores stores, ResolvedOptions options, String scratch) {
    List<String> outputs = options.find(SavingOptions.REUSE).orElse(List.of());
    String own = options.find(InputOutputOptions.OUTPUT).orElse(scratch);
    return EarlierJobs.of(stores, outputs, own).stream()
        .map(job -> new EarlierAnswers(job.root(), job.plan(), job.hash(), job.counts()))
        .toList();
  }

  private static OutputStore store(FileStores stores, String output) {
    String qualified = stores.qualify(output);
    return new OutputStore(qualified, StoreProbe.traits(stores, qualified));
  }
}
