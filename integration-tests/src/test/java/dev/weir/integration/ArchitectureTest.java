// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Date;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Who may know whom, and who may read the clock, over the main classes of the published modules.
 */
final class ArchitectureTest {
  private static final String[] FRONT_ENDS = {
    "dev.weir.server.http..",
    "dev.weir.server.gateway..",
    "dev.weir.server.admin..",
    "dev.weir.server.dashboard..",
    "dev.weir.server.resp..",
    "dev.weir.server.rls.."
  };

  private static JavaClasses weir;

  @BeforeAll
  static void readClasses() {
    weir =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(location -> !location.contains("/dev/weir/redis/fixtures/"))
            .withImportOption(location -> !location.contains("/dev/weir/faults/"))
            .importPackages("dev.weir");
  }

  @Test
  void core_dependencies_areJavaBaseOnly() {
    classes()
        .that()
        .resideInAPackage("dev.weir.core..")
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(
                "dev.weir.core..",
                "java.io..",
                "java.lang..",
                "java.math..",
                "java.net..",
                "java.nio..",
                "java.security..",
                "java.text..",
                "java.time..",
                "java.util..",
                "org.jspecify.annotations.."))
        .check(weir);
  }

  @Test
  void policy_dependencies_excludeServerAndCli() {
    noClasses()
        .that()
        .resideInAPackage("dev.weir.policy..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.weir.redis..", "dev.weir.records..", "dev.weir.server..", "dev.weir.cli..")
        .check(weir);
  }

  @Test
  void redisStore_dependencies_areCoreOnly() {
    noClasses()
        .that()
        .resideInAPackage("dev.weir.redis..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.weir.policy..", "dev.weir.records..", "dev.weir.server..", "dev.weir.cli..")
        .check(weir);
  }

  @Test
  void records_dependencies_excludePolicyServerAndCli() {
    noClasses()
        .that()
        .resideInAPackage("dev.weir.records..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.weir.policy..", "dev.weir.server..", "dev.weir.cli..")
        .check(weir);
  }

  @Test
  void micrometer_dependencies_areCoreOnly() {
    noClasses()
        .that()
        .resideInAPackage("dev.weir.micrometer..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.weir.policy..", "dev.weir.redis..", "dev.weir.server..", "dev.weir.cli..")
        .check(weir);
  }

  @Test
  void simulation_dependencies_excludeServerStoresAndCli() {
    noClasses()
        .that()
        .resideInAPackage("dev.weir.simulation..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.weir.redis..", "dev.weir.records..", "dev.weir.server..", "dev.weir.cli..")
        .check(weir);
  }

  @Test
  void sizing_dependencies_areTheJdkOnly() {
    classes()
        .that()
        .resideInAPackage("dev.weir.sizing..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("dev.weir.sizing..", "java..", "org.jspecify.annotations..")
        .check(weir);
  }

  @Test
  void client_dependencies_areTheJdkOnly() {
    classes()
        .that()
        .resideInAPackage("dev.weir.client..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "dev.weir.client..", "java..", "javax.net.ssl..", "org.jspecify.annotations..")
        .check(weir);
  }

  @Test
  void dashboard_dependencies_areTheJdkOnly() {
    classes()
        .that()
        .resideInAPackage("dev.weir.dashboard..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("dev.weir.dashboard..", "java..", "org.jspecify.annotations..")
        .check(weir);
  }

  @Test
  void server_users_areCliOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.weir.server..", "dev.weir.cli..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.weir.server..")
        .check(weir);
  }

  @Test
  void frontEnds_dependencies_excludeEachOther() {
    for (String one : FRONT_ENDS) {
      for (String other : FRONT_ENDS) {
        if (!one.equals(other)) {
          noClasses()
              .that()
              .resideInAPackage(one)
              .should()
              .dependOnClassesThat()
              .resideInAPackage(other)
              .check(weir);
        }
      }
    }
  }

  @Test
  void frontEnds_dependencies_excludeStores() {
    noClasses()
        .that()
        .resideInAnyPackage(FRONT_ENDS)
        .should()
        .dependOnClassesThat(assignableTo("dev.weir.core.Store"))
        .check(weir);
    noClasses()
        .that()
        .resideInAnyPackage(
            "dev.weir.server.http..", "dev.weir.server.gateway..", "dev.weir.server.resp..")
        .or()
        .resideInAPackage("dev.weir.server.wire..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.weir.redis..")
        .check(weir);
  }

  @Test
  void liveFigures_dependencies_areAdministrationAndWhatItCounts() {
    noClasses()
        .that()
        .resideInAPackage("dev.weir.server.live..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.weir.server",
            "dev.weir.server.http..",
            "dev.weir.server.gateway..",
            "dev.weir.server.dashboard..",
            "dev.weir.server.resp..",
            "dev.weir.server.rls..")
        .check(weir);
  }

  @Test
  void packages_dependencies_haveNoCycle() {
    slices().matching("dev.weir.(**)").should().beFreeOfCycles().check(weir);
  }

  @Test
  void clock_readers_areTimeSourcesOfCore() {
    noClasses()
        .that(not(timeSourceOfCore()))
        .should()
        .accessTargetWhere(readsTheClock())
        .because("time enters as an argument, or from a TimeSource")
        .check(weir);
  }

  private static DescribedPredicate<JavaClass> timeSourceOfCore() {
    return describe(
        "a TimeSource of core",
        type ->
            type.getPackageName().equals("dev.weir.core")
                && type.getSimpleName().endsWith("TimeSource"));
  }

  private static DescribedPredicate<JavaAccess<?>> readsTheClock() {
    Set<String> onSystem = Set.of("nanoTime", "currentTimeMillis");
    return describe(
        "reads the clock",
        access -> {
          JavaClass owner = access.getTargetOwner();
          String name = access.getName();
          if (owner.isEquivalentTo(System.class)) {
            return onSystem.contains(name);
          }
          if (owner.isEquivalentTo(Date.class)) {
            return name.equals("<init>")
                && access.getTarget().getFullName().endsWith("Date.<init>()");
          }
          return owner.getPackageName().equals("java.time")
              && (name.equals("now") || name.startsWith("system") || name.startsWith("tick"));
        });
  }
}
