package io.batchinfer.cli;

import java.io.Console;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/** What the process's standard streams are connected to. */
final class StandardStreams {
  private StandardStreams() {}

  /**
   * Whether standard input and output are a terminal. Up to Java 21 there is a console only then;
   * later there always is one, which can be asked.
   */
  @SuppressWarnings("SystemConsoleNull")
  static boolean areATerminal() {
    @Nullable Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      return (boolean)
          MethodHandles.publicLookup()
              .findVirtual(Console.class, "isTerminal", MethodType.methodType(boolean.class))
              .invokeExact(console);
    } catch (NoSuchMethodException e) {
      return true;
    } catch (Throwable e) {
      throw new IllegalStateException("a console always says whether it is a terminal", e);
    }
  }
}
