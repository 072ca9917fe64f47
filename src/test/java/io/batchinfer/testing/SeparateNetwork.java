package io.batchinfer.testing;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;

import io.batchinfer.testing.ForkedProcess.Finished;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * A network namespace of its own with two links to this machine: one to the cluster, which can be
 * cut, and one to the endpoint, which stays. Needs root and Linux. Closing removes everything.
 */
public final class SeparateNetwork implements AutoCloseable {

  private final String name;
  private final Link cluster;
  private final Link endpoint;

  /** How to remove what was made, newest first. */
  private final Deque<String[]> made = new ArrayDeque<>();

  /** Both ends of a link, in a range of addresses that is set aside for tests of networks. */
  private record Link(String here, String there, String addressHere, String addressThere) {}

  private SeparateNetwork() {
    long process = ProcessHandle.current().pid();
    long range = process % 250 + 1;
    this.name = "batchinfer-" + process;
    this.cluster = link("bic", process, "198.18." + range);
    this.endpoint = link("bie", process, "198.19." + range);
  }

  private static Link link(String prefix, long process, String network) {
    return new Link(prefix + "h" + process, prefix + "n" + process, network + ".1", network + ".2");
  }

  /**
   * Makes one.
   *
   * @throws IllegalStateException when this machine does not permit it, with the reason
   */
  @SuppressWarnings("MustBeClosedChecker")
  public static SeparateNetwork open() {
    SeparateNetwork network = new SeparateNetwork();
    try {
      ip("netns", "add", network.name);
      network.made.push(new String[] {"netns", "del", network.name});
      ip("-n", network.name, "link", "set", "lo", "up");
      network.connect(network.cluster);
      network.connect(network.endpoint);
      return network;
    } catch (RuntimeException | Error e) {
      network.close();
      throw e;
    }
  }

  private void connect(Link link) {
    ip(
        ("link add " + link.here() + " type veth peer name " + link.there() + " netns " + name)
            .split(" "));
    made.push(new String[] {"link", "del", link.here()});
    ip("addr", "add", link.addressHere() + "/30", "dev", link.here());
    ip("link", "set", link.here(), "up");
    ip("-n", name, "addr", "add", link.addressThere() + "/30", "dev", link.there());
    ip("-n", name, "link", "set", link.there(), "up");
  }

  /** Where this machine is reached over the link that can be cut. */
  public String clusterAddress() {
    return cluster.addressHere();
  }

  /** Where a worker inside is reached over the link that can be cut. */
  public String workerAddress() {
    return cluster.addressThere();
  }

  /** Where this machine is reached over the link that stays. */
  public String endpointAddress() {
    return endpoint.addressHere();
  }

  /** Where requests from inside come from. */
  public String clientAddress() {
    return endpoint.addressThere();
  }

  /** The same command, to run inside. */
  public List<String> inside(List<String> words) {
    List<String> inside = new ArrayList<>(List.of("ip", "netns", "exec", name));
    inside.addAll(words);
    return inside;
  }

  /** Nothing gets through between inside and the cluster any more, and nobody is told. */
  public void cut() {
    ip("-n", name, "link", "set", cluster.there(), "down");
  }

  public void mend() {
    ip("-n", name, "link", "set", cluster.there(), "up");
  }

  private static void ip(String... words) {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(words));
    Finished finished;
    try {
      finished = ForkedProcess.command(command).run(LONG_ENOUGH);
    } catch (UncheckedIOException e) {
      throw new IllegalStateException("\"ip\" cannot be run", e);
    }
    if (finished.exitCode() != 0) {
      throw new IllegalStateException(
          "\"" + String.join(" ", command) + "\" failed: " + finished.stderr().trim());
    }
  }

  @Override
  public void close() {
    while (!made.isEmpty()) {
      ip(made.pop());
    }
  }
}
