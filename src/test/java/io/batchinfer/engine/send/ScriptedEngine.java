package io.batchinfer.engine.send;

import io.batchinfer.engine.server.EngineKind;
import io.batchinfer.engine.server.EngineUse;
import io.batchinfer.model.EngineFigures;
import io.batchinfer.model.EngineFigures.State;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** An engine that is as the test says, and keeps what it is told. Thread-safe. */
final class ScriptedEngine implements EngineUse {
  /** When all of them began. */
  static final Instant BEGAN = Instant.parse("2026-11-29T04:05:06Z");

  /** What it was told, in order. */
  final List<String> events = new CopyOnWriteArrayList<>();

  private final String name;
  private volatile @Nullable URI address;
  private volatile State state = State.STARTING;
  private volatile String words = "";
  private volatile List<String> lines = List.of();

  ScriptedEngine(String name) {
    this.name = name;
  }

  /** It answers there from now on. */
  void listensAt(URI newAddress) {
    address = newAddress;
  }

  /** It is like that from now on. */
  void is(State newState, String why) {
    state = newState;
    words = why;
  }

  /** What it has printed so far. */
  void prints(List<String> newLines) {
    lines = newLines;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Optional<URI> address() {
    return Optional.ofNullable(address);
  }

  @Override
  public void sent() {
    events.add("sent");
  }

  @Override
  public void ended(boolean answered) {
    events.add("ended " + answered);
  }

  @Override
  public void served(long written) {
    events.add("served " + written);
  }

  @Override
  public boolean awaitReady() {
    events.add("awaited");
    return state == State.READY;
  }

  @Override
  public void leave(EngineKind kind, Duration idle) {
    events.add("left " + kind.gpus() + " " + idle);
  }

  @Override
  public List<String> lastLines() {
    return lines;
  }

  @Override
  public byte[] printed() {
    return String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public long printedBytes() {
    return printed().length;
  }

  @Override
  public EngineFigures figures() {
    return new EngineFigures(
        name, state, words, List.of(), BEGAN, Duration.ZERO, Duration.ZERO, 0, 0, 0);
  }
}
