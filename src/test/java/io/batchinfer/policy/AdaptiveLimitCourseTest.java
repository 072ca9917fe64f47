package io.batchinfer.policy;

import io.batchinfer.docs.CheckedIn;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The whole course of the search in a dozen situations, as it is checked in: what a change of a
 * constant or a condition does to it is to be seen before it is decided.
 */
class AdaptiveLimitCourseTest {
  private static final Path COURSES =
      Path.of("src/test/resources/io/batchinfer/policy/adaptive-limit-courses.txt");

  private final List<String> courses = new ArrayList<>();

  private void course(String situation, ClosedLoop loop) {
    List<String> seconds = loop.limits.stream().map(String::valueOf).toList();
    StringBuilder text = new StringBuilder(situation).append('\n');
    for (int from = 0; from < seconds.size(); from += 25) {
      text.append("  ")
          .append(
              seconds.subList(from, Math.min(from + 25, seconds.size())).stream()
                  .collect(Collectors.joining(" ")))
          .append('\n');
    }
    courses.add(text + "  answers " + loop.answeredAt.size() + ", refused " + loop.refusedInAll);
  }

  private static ClosedLoop noisy(long seed) {
    Random random = new Random(seed);
    ClosedLoop loop = new ClosedLoop();
    loop.queue = Integer.MAX_VALUE;
    loop.secondsPerUnit = running -> 0.3 * (0.7 + 0.6 * random.nextDouble());
    return loop;
  }

  private static ClosedLoop batching(long seed) {
    Random random = new Random(seed);
    ClosedLoop loop = new ClosedLoop();
    loop.slots = 256;
    loop.queue = Integer.MAX_VALUE;
    loop.secondsPerUnit = running -> 0.02 * (1 + Math.min(running, 256) / 256.0);
    loop.work =
        () -> (int) Math.max(10, Math.min(2_000, StrictMath.exp(5 + 0.9 * random.nextGaussian())));
    return loop;
  }

  @Test
  void theSearchGoesAsItIsWrittenDown() {
    ClosedLoop changing = new ClosedLoop();
    changing.run(25);
    changing.slots = 32;
    changing.run(20);
    changing.slots = 64;
    changing.run(35);
    course("64 slots and a queue of 16 that refuses, half the slots from 25 s to 45 s", changing);

    ClosedLoop noisy = noisy(11);
    noisy.run(120);
    course("64 slots and a queue without bound, uneven answers", noisy);

    ClosedLoop batching = batching(12);
    batching.run(300);
    course("256 slots that slow each other down, answers of any length", batching);

    ClosedLoop longer = new ClosedLoop();
    longer.queue = Integer.MAX_VALUE;
    longer.secondsPerUnit = running -> 0.01;
    longer.work = () -> longer.time.nanos() < 40_000_000_000L ? 10 : 200;
    longer.run(100);
    course("answers twenty times as long from 40 s on", longer);

    ClosedLoop gone = new ClosedLoop();
    gone.run(15);
    gone.slots = 0;
    gone.queue = 0;
    gone.run(10);
    gone.slots = 64;
    gone.queue = 16;
    gone.run(25);
    course("no slot from 15 s to 25 s", gone);

    ClosedLoop idle = new ClosedLoop();
    idle.demand = 10;
    idle.run(10);
    idle.demand = Integer.MAX_VALUE;
    idle.run(20);
    course("ten rows until 10 s", idle);

    ClosedLoop faster = noisy(13);
    faster.run(30);
    faster.secondsPerUnit = running -> 0.1;
    faster.run(40);
    faster.secondsPerUnit = running -> 0.5;
    faster.run(60);
    course("answers in 0.3 s, in 0.1 s from 30 s, in 0.5 s from 70 s", faster);

    ClosedLoop few = new ClosedLoop(24, 300);
    few.run(15);
    course("never more than 24", few);

    ClosedLoop impatient = new ClosedLoop(1_024, 2);
    impatient.slots = 8;
    impatient.queue = Integer.MAX_VALUE;
    impatient.run(40);
    course("8 slots, and nobody to wait for more than 2 s", impatient);

    ClosedLoop rated = new ClosedLoop();
    rated.slots = 512;
    rated.limit.rate(230);
    rated.secondsPerUnit = running -> 0.2;
    rated.run(20);
    course("230 requests a second at most", rated);

    ClosedLoop threads = new ClosedLoop();
    threads.slots = 4;
    threads.queue = Integer.MAX_VALUE;
    threads.silent = inFlight -> Math.max(0, inFlight - 6);
    threads.run(60);
    course("six connections are served, the others are silent", threads);

    ClosedLoop lying = new ClosedLoop();
    lying.slots = 4;
    lying.queue = Integer.MAX_VALUE;
    lying.silent = inFlight -> Math.max(0, inFlight - 6);
    lying.lying = inFlight -> lying.time.nanos() > 5_000_000_000L ? inFlight / 2 : 0;
    lying.run(60);
    course("the same, and from 5 s on half of all wait for long", lying);

    CheckedIn.assertEqual(COURSES, String.join("\n\n", courses) + "\n");
  }
}
