package notebook;

import io.github.spencerpark.jupyter.channels.JupyterConnection;
import io.github.spencerpark.jupyter.kernel.BaseKernel;
import io.github.spencerpark.jupyter.kernel.KernelConnectionProperties;
import io.github.spencerpark.jupyter.kernel.LanguageInfo;
import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.logging.LogManager;
import jdk.jshell.EvalException;
import jdk.jshell.ExpressionSnippet;
import jdk.jshell.JShell;
import jdk.jshell.JShellException;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;
import jdk.jshell.VarSnippet;
import jdk.jshell.execution.LocalExecutionControlProvider;

/** Runs the cells of a notebook as Java, in this JVM, where Spark runs as well. */
public final class JavaKernel extends BaseKernel {
  private static final String IMPORTS =
      "import java.util.*; import java.util.stream.*; import static notebook.Cells.*;";

  private final JShell shell =
      JShell.builder().executionEngine(new LocalExecutionControlProvider(), Map.of()).build();

  private JavaKernel() throws Exception {
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      shell.addToClasspath(entry);
    }
    eval(IMPORTS);
    Cells.showWith(this::display);
  }

  public static void main(String[] arguments) throws Exception {
    // Of every message that comes in.
    LogManager.getLogManager().reset();
    String connectionFile = Files.readString(Path.of(arguments[0]));
    JupyterConnection connection =
        new JupyterConnection(KernelConnectionProperties.parse(connectionFile));
    new JavaKernel().becomeHandlerForConnection(connection);
    connection.connect();
    connection.waitUntilClose();
    // Spark's threads may not end by themselves.
    System.exit(0);
  }

  /** Runs all statements of a cell; shows the value of the last one if it is an expression. */
  @Override
  public DisplayData eval(String cell) throws Exception {
    String rest = cell;
    Object value = null;
    while (!rest.isBlank()) {
      CompletionInfo next = shell.sourceCodeAnalysis().analyzeCompletion(rest);
      if (!next.completeness().isComplete()) {
        throw new IllegalArgumentException("This is not complete Java: " + rest.strip());
      }
      value = run(next.source());
      rest = next.remaining();
    }
    return value == null ? null : Cells.shown(value);
  }

  private Object run(String source) throws Exception {
    Object value = null;
    for (SnippetEvent event : shell.eval(source)) {
      if (event.exception() != null) {
        throw thrown(event.exception());
      }
      if (event.status() == Snippet.Status.REJECTED) {
        StringBuilder problems = new StringBuilder();
        shell
            .diagnostics(event.snippet())
            .forEach(problem -> problems.append(problem.getMessage(Locale.ROOT)).append('\n'));
        throw new IllegalArgumentException(problems + source.strip());
      }
      value = isExpression(event.snippet()) ? valueOf(event) : null;
    }
    return value;
  }

  private static boolean isExpression(Snippet snippet) {
    return snippet.subKind() == Snippet.SubKind.TEMP_VAR_EXPRESSION_SUBKIND
        || snippet.subKind() == Snippet.SubKind.VAR_VALUE_SUBKIND;
  }

  /** The value itself, of which JShell only tells the text. */
  private Object valueOf(SnippetEvent event) throws Exception {
    String name = nameOf(event.snippet());
    shell.eval("notebook.Cells.keep(" + name + ");");
    return Cells.kept();
  }

  private static String nameOf(Snippet snippet) {
    return snippet instanceof VarSnippet variable
        ? variable.name()
        : ((ExpressionSnippet) snippet).name();
  }

  private static Exception thrown(JShellException exception) {
    if (exception instanceof EvalException failed) {
      Exception named =
          new Exception(failed.getExceptionClassName() + ": " + failed.getMessage());
      named.setStackTrace(failed.getStackTrace());
      return named;
    }
    return exception;
  }

  @Override
  public LanguageInfo getLanguageInfo() {
    return new LanguageInfo.Builder("Java")
        .version(System.getProperty("java.specification.version"))
        .mimetype("text/x-java-source")
        .fileExtension(".java")
        .pygments("java")
        .codemirror("text/x-java")
        .build();
  }
}
