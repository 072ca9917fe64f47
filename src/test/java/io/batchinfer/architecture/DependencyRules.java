package io.batchinfer.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/** The rules, for the packages below one root; a test roots them at planted violations. */
final class DependencyRules {
  /** Owners and members that read the machine's time or chance. */
  private static final Set<String> CLOCKS =
      Set.of(
          "java.lang.System.nanoTime",
          "java.lang.System.currentTimeMillis",
          "java.time.Instant.now",
          "java.time.LocalDate.now",
          "java.time.LocalDateTime.now",
          "java.time.ZonedDateTime.now",
          "java.time.OffsetDateTime.now",
          "java.lang.Thread.sleep",
          "java.lang.Math.random");

  /** Classes below the root that read a clock all the same, and why they may. */
  static final Map<String, String> CLOCK_EXCEPTIONS =
      Map.of(
          "storage.Claimant", "the start of a claim is shown to people and decides nothing",
          "engine.lead.JobRecorder", "wall-clock times of a run that job.json shows");

  private static final Set<String> MAY_PRINT = Set.of("cli", "report");

  private final String root;

  DependencyRules(String root) {
    this.root = root;
  }

  ArchRule importsFollowTheTable() {
    return classes()
        .should(
            dependencies(
                "import only what the table allows",
                (from, dependency) ->
                    rowOf(dependency.getTargetClass())
                        .filter(to -> !ImportTable.mayImport(from, to))
                        .map(to -> from + " may not import " + to)))
        .because("packages that import each other at will cannot be changed one at a time");
  }

  ArchRule thirdPartyIsConfined() {
    return classes()
        .should(
            dependencies(
                "use only the third party of their package",
                (from, dependency) -> {
                  String target = dependency.getTargetClass().getBaseComponentType().getName();
                  boolean foreign = target.contains(".") && !target.startsWith("io.batchinfer.");
                  return foreign && !ImportTable.mayUse(from, target)
                      ? Optional.of(from + " may not use " + target)
                      : Optional.empty();
                }))
        .because("a library that is used in one package can be replaced");
  }

  ArchRule everyClassIsInTheTable() {
    return classes()
        .should(
            condition(
                "be in a package of the table",
                (type, problem) -> {
                  if (rowOf(type).isEmpty()) {
                    problem.accept(type, type.getName() + " is in no package of the table");
                  }
                }))
        .because("a package that the table does not know may import anything");
  }

  ArchRule packagesAreFreeOfCycles() {
    return slices()
        .matching(root + ".(*)..")
        .should()
        .beFreeOfCycles()
        .because("a cycle makes one package out of two");
  }

  ArchRule onlyTimeReadsTheClock() {
    return classes()
        .should(
            accesses(
                "read time and chance only through their parameters",
                access ->
                    CLOCKS.contains(
                            access.getTargetOwner().getName() + "." + access.getTarget().getName())
                        && !nameBelowRoot(access.getOriginOwner()).startsWith("time.")
                        && !CLOCK_EXCEPTIONS.containsKey(nameBelowRoot(access.getOriginOwner()))))
        .because("what reads the machine's clock cannot be tested in virtual time");
  }

  ArchRule onlyCliAndReportPrint() {
    return classes()
        .should(
            accesses(
                "not print",
                access ->
                    access.getTargetOwner().getName().equals("java.lang.System")
                        && Set.of("out", "err").contains(access.getTarget().getName())
                        && rowOf(access.getOriginOwner()).filter(MAY_PRINT::contains).isEmpty()))
        .because("standard output belongs to the command that a user started");
  }

  /** What the classes of a row depend on. */
  Set<JavaClass> usedFrom(String row, JavaClasses all) {
    return all.stream()
        .filter(type -> rowOf(type).equals(Optional.of(row)))
        .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
        .map(dependency -> dependency.getTargetClass().getBaseComponentType())
        .collect(Collectors.toSet());
  }

  /** The row of the table that a class belongs to. */
  Optional<String> rowOf(JavaClass type) {
    String name = type.getBaseComponentType().getPackageName();
    if (name.equals(ImportTable.ENTRY) && name.equals(root)) {
      return Optional.of(name);
    }
    return name.startsWith(root + ".")
        ? ImportTable.rowOf(name.substring(root.length() + 1))
        : Optional.empty();
  }

  private String nameBelowRoot(JavaClass type) {
    String name = type.getName();
    int nested = name.indexOf('$');
    String outer = nested < 0 ? name : name.substring(0, nested);
    return outer.startsWith(root + ".") ? outer.substring(root.length() + 1) : outer;
  }

  @FunctionalInterface
  private interface Judge {
    Optional<String> problem(String from, Dependency dependency);
  }

  @FunctionalInterface
  private interface AccessFilter {
    boolean isForbidden(JavaAccess<?> access);
  }

  private ArchCondition<JavaClass> dependencies(String description, Judge judge) {
    return condition(
        description,
        (type, problem) ->
            rowOf(type)
                .ifPresent(
                    from -> {
                      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                        judge
                            .problem(from, dependency)
                            .ifPresent(
                                words ->
                                    problem.accept(
                                        type, words + ": " + dependency.getDescription()));
                      }
                    }));
  }

  private static ArchCondition<JavaClass> accesses(String description, AccessFilter filter) {
    return condition(
        description,
        (type, problem) -> {
          for (JavaAccess<?> access : type.getAccessesFromSelf()) {
            if (filter.isForbidden(access)) {
              problem.accept(type, access.getDescription());
            }
          }
        });
  }

  private static ArchCondition<JavaClass> condition(
      String description, BiConsumer<JavaClass, BiConsumer<JavaClass, String>> check) {
    return new ArchCondition<>(description) {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        check.accept(type, (at, words) -> events.add(SimpleConditionEvent.violated(at, words)));
      }
    };
  }
}
