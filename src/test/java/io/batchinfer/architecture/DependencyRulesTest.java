package io.batchinfer.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DependencyRulesTest {
  private static final String ROOT = "io.batchinfer";
  private static final String PLANTED_ROOT = "io.batchinfer.architecture.planted";

  private static JavaClasses product;
  private static JavaClasses planted;

  @BeforeAll
  static void readClasses() {
    product =
        new ClassFileImporter()
            .withImportOption(DependencyRulesTest::isProduct)
            .withImportOption(new ImportOption.DoNotIncludeJars())
            .importPackages(ROOT);
    planted = new ClassFileImporter().importPackages(PLANTED_ROOT);
  }

  /** In whichever build's folder: ArchUnit's own option knows only Maven's usual one. */
  private static boolean isProduct(Location location) {
    return !location.contains("/test-classes/");
  }

  static Stream<Arguments> rules() {
    DependencyRules real = new DependencyRules(ROOT);
    DependencyRules fixture = new DependencyRules(PLANTED_ROOT);
    return Stream.of(
        Arguments.of(
            "imports",
            real.importsFollowTheTable(),
            fixture.importsFollowTheTable(),
            "model may not import row"),
        Arguments.of(
            "third party",
            real.thirdPartyIsConfined(),
            fixture.thirdPartyIsConfined(),
            "policy may not use com.fasterxml.jackson.core.JsonFactory"),
        Arguments.of(
            "containment",
            real.everyClassIsInTheTable(),
            fixture.everyClassIsInTheTable(),
            "Stranger is in no package of the table"),
        Arguments.of(
            "cycles",
            real.packagesAreFreeOfCycles(),
            fixture.packagesAreFreeOfCycles(),
            "Cycle detected"),
        Arguments.of(
            "clock", real.onlyTimeReadsTheClock(), fixture.onlyTimeReadsTheClock(), "nanoTime"),
        Arguments.of(
            "printing",
            real.onlyCliAndReportPrint(),
            fixture.onlyCliAndReportPrint(),
            "System.out"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void theProductKeepsTheRule(String name, ArchRule rule, ArchRule onFixture, String violation) {
    rule.check(product);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void theRuleFindsAPlantedViolation(
      String name, ArchRule rule, ArchRule onFixture, String violation) {
    assertThatThrownBy(() -> onFixture.check(planted))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining(violation);
  }

  @Test
  void theClockIsReadInTimeOnly() {
    assertThatThrownBy(
            () -> new DependencyRules(PLANTED_ROOT).onlyTimeReadsTheClock().check(planted))
        .hasMessageContaining("ReadsTheClock")
        .hasMessageNotContaining("MayReadTheClock");
  }

  @Test
  void theTableItselfIsFreeOfCycles() {
    for (String start : ImportTable.rows().keySet()) {
      Set<String> reached = new HashSet<>();
      ArrayDeque<String> open = new ArrayDeque<>(Set.of(start));
      while (!open.isEmpty()) {
        for (String next : ImportTable.importsOf(open.pop())) {
          assertThat(next).as("what %s reaches", start).isNotEqualTo(start);
          if (reached.add(next)) {
            open.push(next);
          }
        }
      }
    }
  }

  @Test
  void theTableAllowsNothingThatNobodyNeeds() {
    DependencyRules rules = new DependencyRules(ROOT);
    Map<String, Set<String>> idleImports = new TreeMap<>();
    Map<String, Set<String>> idleThirdParty = new TreeMap<>();
    ImportTable.rows()
        .forEach(
            (name, row) -> {
              Set<String> imports = new TreeSet<>(row.imports());
              Set<String> thirdParty = new TreeSet<>(row.thirdParty());
              for (JavaClass used : rules.usedFrom(name, product)) {
                rules.rowOf(used).ifPresent(imports::remove);
                thirdParty.removeIf(used.getName()::startsWith);
              }
              if (!imports.isEmpty()) {
                idleImports.put(name, imports);
              }
              if (!thirdParty.isEmpty()) {
                idleThirdParty.put(name, thirdParty);
              }
            });
    assertThat(idleImports).as("packages that a row allows and nobody imports").isEmpty();
    assertThat(idleThirdParty).as("libraries that a row allows and nobody uses").isEmpty();
  }

  @Test
  void theArchitecturePageListsThePackagesOfTheTable() throws IOException {
    String page = Files.readString(Path.of("src/site/markdown/architecture.md"));
    Matcher table =
        Pattern.compile("\\| package \\| what it is \\|\\n\\|---\\|---\\|\\n((?:\\|.*\\n)+)")
            .matcher(page);
    assertThat(table.find()).isTrue();
    Stream<String> listed =
        table
            .group(1)
            .lines()
            .map(line -> line.split("\\|", -1)[1])
            .flatMap(names -> Pattern.compile("`([a-z.]+)`").matcher(names).results())
            .map(name -> name.group(1));

    assertThat(listed).containsExactlyInAnyOrderElementsOf(ImportTable.rows().keySet());
  }

  @Test
  void everyClockExceptionIsStillNeeded() {
    for (String name : DependencyRules.CLOCK_EXCEPTIONS.keySet()) {
      assertThat(
              product.get(ROOT + "." + name).getAccessesFromSelf().stream()
                  .anyMatch(access -> access.getTarget().getName().equals("now")))
          .as("whether %s reads a clock", name)
          .isTrue();
    }
  }
}
