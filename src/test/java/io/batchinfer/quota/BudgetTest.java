package io.batchinfer.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.batchinfer.model.Cost;
import io.batchinfer.model.Usage;
import io.batchinfer.quota.QuotaReply.Allowance;
import io.batchinfer.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the processes of a run may spend of a budget together. */
class BudgetTest {
  private static final long CAP = 1_000;
  private static final Duration RETENTION = Duration.ofSeconds(20);

  private final VirtualTime time = new VirtualTime();
  private final List<Double> spentTold = new ArrayList<>();
  private double heldTold;
  private final QuotaAuthority authority = authority(new Budget(new Cap(), Budget.Unit.TOKENS));

  /** What the run alone may spend; notes what it is told. */
  private final class Cap implements Budget.Fund {
    @Override
    public double reserve(double spent, double held) {
      assertThat(held).isGreaterThanOrEqualTo(spent);
      return CAP;
    }

    @Override
    public void holds(double spent, double held) {
      spentTold.add(spent);
      heldTold = held;
    }
  }

  private QuotaAuthority authority(Budget... budgets) {
    return new QuotaAuthority(
        new EndpointQuota(SimulatedCluster.concurrency(8), time, time),
        QuotaGroup.of(1),
        List.of(budgets),
        Duration.ofSeconds(5),
        RETENTION,
        () -> true);
  }

  private List<Allowance> allowances(QuotaAuthority run, String process, Usage used) {
    Told told = new Told(process);
    told.used = used;
    return run.ask(told.message()).toCompletableFuture().join().leave().allowances();
  }

  /** Reports what a process has used; returns up to what it may go. */
  private double upTo(String process, long used) {
    return allowances(authority, process, new Usage(used / 2, used - used / 2)).get(0).upTo();
  }

  private double spent() {
    return spentTold.get(spentTold.size() - 1);
  }

  @Test
  void aProcessAloneMaySpendAll() {
    assertThat(upTo("a", 0)).isEqualTo(1_000);
    assertThat(upTo("a", 300)).isEqualTo(1_000);
    assertThat(upTo("a", 1_100)).as("what is spent is spent").isEqualTo(1_100);
    assertThat(spent()).isEqualTo(1_100);
  }

  @Test
  void aSecondOneWaitsUntilTheFirstHasGivenSomeBack() {
    assertThat(upTo("a", 0)).isEqualTo(1_000);
    assertThat(upTo("b", 0)).isZero();

    assertThat(upTo("a", 100)).as("half of its share of what is left").isEqualTo(325);
    assertThat(upTo("b", 0)).isEqualTo(225);
    assertThat(upTo("b", 225)).isEqualTo(225 + 675 / 4.0);
    assertThat(spent()).isEqualTo(325);
  }

  @Test
  void whatOneThatHasLeftHasSpentStaysSpent() {
    assertThat(upTo("a", 400)).isEqualTo(1_000);
    authority.leave("a");

    assertThat(upTo("b", 0)).isEqualTo(600);
    assertThat(spent()).isEqualTo(400);
    assertThat(authority.usage().total()).isEqualTo(400);
    authority.leave("a");
    assertThat(authority.usage().total()).as("nobody leaves twice").isEqualTo(400);
  }

  @Test
  void aShareThatIsLoweredIsAnothersOnlyOnceItIsHeardOf() {
    Told first = new Told("a");
    first.allowed = new double[] {upTo("a", 0)};
    assertThat(heldTold).isEqualTo(1_000);
    assertThat(upTo("b", 0)).isZero();

    first.used = new Usage(50, 50);
    for (int i = 0; i < 3; i++) {
      assertThat(allowed(first)).as("lost again and again").isEqualTo(325);
      assertThat(upTo("b", 0)).isZero();
      assertThat(heldTold).isEqualTo(1_000);
    }

    first.allowed = new double[] {325};
    assertThat(allowed(first)).isEqualTo(325);
    assertThat(heldTold).isEqualTo(325);
    assertThat(upTo("b", 0)).isEqualTo(225);
    assertThat(heldTold).isEqualTo(550);
  }

  private double allowed(Told told) {
    return authority
        .ask(told.message())
        .toCompletableFuture()
        .join()
        .leave()
        .allowances()
        .get(0)
        .upTo();
  }

  @Test
  void whoWasToldOfNoCapHoldsAllOfOneThatIsSetThen() {
    AtomicReference<Double> most = new AtomicReference<>(Double.POSITIVE_INFINITY);
    SpendingCap cap = new SpendingCap(most::get, 0);
    QuotaAuthority run = authority(new Budget(cap.join()));
    QuotaAuthority other = authority(new Budget(cap.join()));
    Told first = new Told("a");
    assertThat(money(run, first)).isInfinite();
    assertThat(money(other, new Told("x"))).isInfinite();

    most.set(10.0);
    first.allowed = new double[] {Double.POSITIVE_INFINITY};
    assertThat(money(run, new Told("b"))).as("of the same run").isZero();
    assertThat(money(other, new Told("y"))).as("of another").isZero();

    other.leave("x");
    other.leave("y");
    first.allowed = new double[] {money(run, first)};
    run.leave("b");
    assertThat(money(run, first)).isEqualTo(5);
    assertThat(money(other, new Told("y"))).isEqualTo(5);
  }

  private static double money(QuotaAuthority run, Told told) {
    return run.ask(told.message()).toCompletableFuture().join().leave().allowances().get(0).upTo();
  }

  @Test
  void whatASilentOneMayStillSpendIsNobodyElses() {
    assertThat(upTo("a", 400)).isEqualTo(1_000);
    time.advance(RETENTION.plusSeconds(1));

    assertThat(upTo("b", 0)).as("it is all promised").isZero();
    assertThat(spent()).isEqualTo(400);
    assertThat(authority.usage().total()).isEqualTo(400);

    authority.leave("a");
    assertThat(upTo("b", 0)).isEqualTo(600);
    assertThat(authority.usage().total()).isEqualTo(400);
  }

  @Test
  void eachBudgetIsKeptInItsOwnUnit() {
    QuotaAuthority run =
        authority(new Budget(100, Budget.Unit.TOKENS), new Budget(2.5, Budget.Unit.MONEY));
    Usage used = new Usage(40, 10).at(Cost.of(1_500_000_000L));

    List<Allowance> allowances = allowances(run, "a", used);

    assertThat(allowances)
        .containsExactly(
            new Allowance(100, Budget.Unit.TOKENS), new Allowance(2.5, Budget.Unit.MONEY));
    assertThat(allowances).noneMatch(allowance -> allowance.isSpent(used));
    assertThat(allowances.get(0).isSpent(new Usage(60, 40))).isTrue();
    assertThat(allowances.get(1).isSpent(used.at(Cost.of(2_500_000_000L)))).isTrue();
  }

  @Test
  void aPartOfACapIsLeftAndSpentAsTheCapSays() {
    SpendingCap cap = new SpendingCap(() -> 10, 4);
    SpendingCap.Share share = cap.join();
    QuotaAuthority run = authority(new Budget(share));

    assertThat(allowances(run, "a", Usage.NONE.at(Cost.of(2_000_000_000L))))
        .containsExactly(new Allowance(6, Budget.Unit.MONEY));
    assertThat(cap.join().reserve(0, 0)).as("all the rest is held").isZero();
    run.leave("a");
    assertThat(cap.join().reserve(0, 0)).as("a third of what is left").isEqualTo(4 / 3.0);
  }

  /** A process of a run that spends what it has heard that it may, and loses what it is told. */
  private static final class Spender {
    private final QuotaAuthority run;
    private final Told told;
    private double used;

    Spender(QuotaAuthority run, String name) {
      this.run = run;
      this.told = new Told(name);
      told.allowed = new double[1];
    }

    void spend(double part) {
      used += part * Math.max(0, told.allowed[0] - used);
    }

    void ask(boolean isHeard) {
      told.number++;
      told.used = Usage.NONE.at(Cost.of((long) (used * 1e9)));
      double upTo = money(run, told);
      if (isHeard) {
        told.allowed = new double[] {upTo};
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void whateverIsLostTheyNeverSpendMoreAndInTheEndAll(long seed) {
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    SpendingCap cap = new SpendingCap(() -> 12.5, 2.5);
    List<Spender> spenders = new ArrayList<>();
    for (int run = 0; run < (seed % 2 == 0 ? 3 : 1); run++) {
      QuotaAuthority authority = authority(new Budget(cap.join()));
      for (int i = 0; i < 3; i++) {
        spenders.add(new Spender(authority, "process-" + i));
      }
    }
    for (int i = 0; i < 1_000; i++) {
      int index = random.nextInt(spenders.size());
      Spender spender = spenders.get(index);
      // Some hear little, hold what they have heard of for long, and spend it all at once.
      boolean saves = index % 3 == 0 && i < 800;
      if (!saves || random.nextInt(20) == 0) {
        spender.spend(saves ? 1 : random.nextDouble());
      }
      if (random.nextInt(3) > 0) {
        spender.ask(i >= 800 || random.nextInt(saves ? 20 : 3) == 0);
      }
      double sum = spenders.stream().mapToDouble(each -> each.used).sum();
      assertThat(sum).isLessThanOrEqualTo(10 + 1e-6);
    }
    assertThat(spenders.stream().mapToDouble(each -> each.used).sum()).isGreaterThan(9);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void togetherTheyNeverSpendMoreAndInTheEndAll(long seed) {
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    Map<String, Long> used = new HashMap<>();
    Map<String, Double> heard = new HashMap<>();
    for (int i = 0; i < 400; i++) {
      String process = "process-" + random.nextInt(4);
      long may = heard.getOrDefault(process, 0.0).longValue();
      long now = used.getOrDefault(process, 0L);
      used.put(process, now + (long) (random.nextDouble() * Math.max(0, may - now)));
      if (random.nextInt(30) == 0) {
        time.advance(RETENTION.plusSeconds(1));
      }
      heard.put(process, upTo(process, used.getOrDefault(process, 0L)));
      double sum = used.values().stream().mapToLong(Long::longValue).sum();
      assertThat(sum).isLessThanOrEqualTo(CAP);
      assertThat(authority.usage().total()).isCloseTo((long) sum, within(0L));
    }
    assertThat(authority.usage().total()).isGreaterThan(CAP * 9 / 10);
  }
}
