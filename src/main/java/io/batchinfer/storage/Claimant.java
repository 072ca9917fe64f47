package io.batchinfer.storage;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Properties;

/**
 * Who owns or wants an output.
 *
 * @param machine host name, boot and process-id namespace: where a process id has a meaning
 * @param processStarted start of the process in epoch milliseconds, which tells a reused id apart
 * @param local whether all of the run's processes end with this one
 */
public record Claimant(
    String host, String machine, long processId, long processStarted, boolean local, String since) {

  public static Claimant thisProcess(boolean local) {
    ProcessHandle self = ProcessHandle.current();
    return new Claimant(
        hostName(), thisMachine(), self.pid(), startOf(self), local, Instant.now().toString());
  }

  /** Whether this machine can tell that the claimant's process is gone. */
  boolean isProvablyGone() {
    if (!machine.equals(thisMachine())) {
      return false;
    }
    return ProcessHandle.of(processId)
        .map(process -> !process.isAlive() || startOf(process) != processStarted)
        .orElse(true);
  }

  /** As messages name it. */
  public String shown() {
    return "process %d on %s, started %s".formatted(processId, host, since);
  }

  private static long startOf(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
  }

  private static String hostName() {
    return Host.NAME;
  }

  /** Looked up once: where no service knows the name, every look may take seconds. */
  private static final class Host {
    private static final String NAME = look();

    private static String look() {
      try {
        return InetAddress.getLocalHost().getHostName();
      } catch (UnknownHostException e) {
        return "an unnamed host";
      }
    }
  }

  private static String thisMachine() {
    try {
      return hostName()
          + "/"
          + Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip()
          + "/"
          + Files.readSymbolicLink(Path.of("/proc/self/ns/pid"));
    } catch (IOException | UnsupportedOperationException e) {
      return "unknown-"
          + ProcessHandle.current().pid()
          + "-"
          + System.identityHashCode(Claimant.class);
    }
  }

  byte[] encoded() {
    return String.join(
            "\n",
            "host=" + host,
            "machine=" + machine,
            "process=" + processId,
            "started=" + processStarted,
            "local=" + local,
            "since=" + since,
            "")
        .getBytes(StandardCharsets.UTF_8);
  }

  static Claimant decoded(byte[] content) {
    Properties fields = new Properties();
    for (String line : new String(content, StandardCharsets.UTF_8).split("\n", -1)) {
      int equals = line.indexOf('=');
      if (equals > 0) {
        fields.setProperty(line.substring(0, equals), line.substring(equals + 1));
      }
    }
    return new Claimant(
        fields.getProperty("host", "an unnamed host"),
        fields.getProperty("machine", "unknown"),
        Long.parseLong(fields.getProperty("process", "0")),
        Long.parseLong(fields.getProperty("started", "0")),
        Boolean.parseBoolean(fields.getProperty("local", "false")),
        fields.getProperty("since", "an unknown time"));
  }
}
