package io.batchinfer.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Plays a scenario. Everything happens on one thread, in virtual time, from a seed. */
final class SimulatedRun {
  private static final int ROWS_PER_SPLIT = 50;
  private static final int LONGEST_DRAIN_SECONDS = 3_600;

  private final Scenario scenario;
  private final SimulatedTime world = new SimulatedTime();
  private final RowSource source;
  private final AttemptLog log;
  private final List<EndpointModel> endpoints;
  private final DriverLink link;
  private final List<SimulatedExecutor> executors = new ArrayList<>();
  private ProductParts.Driver driver;
  private double stoppedAtSecond = -1;

  private SimulatedRun(Scenario scenario) {
    this.scenario = scenario;
    this.source = new RowSource(scenario.workload, Math.min(ROWS_PER_SPLIT, scenario.window));
    this.log =
        new AttemptLog(scenario.workload.rows(), scenario.seconds + LONGEST_DRAIN_SECONDS + 1);
    this.endpoints =
        IntStream.range(0, scenario.endpoints.size())
            .mapToObj(
                i ->
                    new EndpointModel(
                        scenario.endpoints.get(i), world, log, scenario.seed * 31 + i))
            .toList();
    this.link = new DriverLink(world, scenario.roundTripMillis, scenario.loss, scenario.seed * 37);
    this.driver = new ProductParts.Driver(scenario, new ProcessTime(world));
    link.connect(driver::ask);
    startExecutors();
    scenario.disturbances.forEach(
        disturbance ->
            world.at(disturbance.atSecond(), () -> disturbance.event().accept(SimulatedRun.this)));
  }

  static Judge play(Scenario scenario) {
    SimulatedRun run = new SimulatedRun(scenario);
    run.advance();
    return new Judge(scenario, run.log, run.source, run.executors, run.driver, run.stoppedAtSecond);
  }

  /** Runs for the time of the scenario and then until what has been handed out is settled. */
  private void advance() {
    int second = 0;
    while (second < scenario.seconds && !source.isDone()) {
      step(++second);
    }
    source.close();
    int longest = scenario.seconds + LONGEST_DRAIN_SECONDS;
    while (!source.isDone() && stoppedAtSecond < 0 && second < longest) {
      step(++second);
    }
  }

  private void step(int second) {
    world.runUntil(second * SimulatedTime.SECOND);
    if (stoppedAtSecond < 0 && driver.stopReason().isPresent()) {
      stoppedAtSecond = second;
    }
  }

  private void startExecutors() {
    for (int i = 0; i < scenario.executors; i++) {
      SimulatedExecutor executor =
          new SimulatedExecutor(executors.size(), world, scenario, source, link, endpoints);
      executors.add(executor);
      executor.start();
    }
  }

  void kill(int executor, double rowsBackAfterSeconds) {
    SimulatedExecutor lost = executors.get(executor);
    lost.die();
    world.after(
        (long) (rowsBackAfterSeconds * SimulatedTime.SECOND),
        () -> {
          lost.die();
          lost.giveBackRows();
        });
  }

  /** The process lives on, without a word to the driver, which gives its rows to others. */
  void cutOffForEver(int executor, double rowsBackAfterSeconds) {
    SimulatedExecutor lost = executors.get(executor);
    lost.cutOff(true);
    world.after((long) (rowsBackAfterSeconds * SimulatedTime.SECOND), lost::giveBackRows);
  }

  void cutOff(int executor, double forSeconds) {
    SimulatedExecutor process = executors.get(executor);
    process.cutOff(true);
    world.after(
        (long) (forSeconds * SimulatedTime.SECOND),
        () -> {
          process.cutOff(false);
          link.mended(process);
        });
  }

  void suspend(int executor, boolean machine) {
    executors.get(executor).time().suspend(machine);
  }

  void stepWallClock(int executor, Duration by) {
    executors.get(executor).time().stepWallClock(by);
  }

  void resume(int executor) {
    executors.get(executor).time().resume();
  }

  /** The driver dies, its executors some time later; a new driver brings executors of its own. */
  void restartDriver(double orphanSeconds, double backAfterSeconds) {
    link.connect(null);
    List<SimulatedExecutor> orphans = List.copyOf(executors);
    world.after(
        (long) (orphanSeconds * SimulatedTime.SECOND),
        () -> orphans.forEach(SimulatedExecutor::die));
    world.after(
        (long) (backAfterSeconds * SimulatedTime.SECOND),
        () -> {
          orphans.forEach(SimulatedExecutor::giveBackRows);
          driver = new ProductParts.Driver(scenario, new ProcessTime(world));
          link.connect(driver::ask);
          startExecutors();
        });
  }
}
