package io.batchinfer.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.packaging.ClassFileLinks.Link;
import io.batchinfer.testing.BuiltProduct;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The job jar is compiled against one Spark and links to the one that it meets, which {@code
 * -Dit.spark.version} chooses: what it refers to must be there, and what it implements must want no
 * more than it has.
 */
class JobJarLinksIT {
  private static final Pattern OF_SPARK =
      Pattern.compile("(org\\.apache\\.|org\\.slf4j|scala\\.|com\\.codahale\\.).*");

  private static URLClassLoader spark;

  @BeforeAll
  static void open() throws IOException {
    List<URL> jars = new ArrayList<>();
    try (Stream<Path> files = Files.list(BuiltProduct.sparkHome().resolve("jars"))) {
      for (Path file : files.sorted().toList()) {
        jars.add(url(file));
      }
    }
    jars.add(url(BuiltProduct.jobJar()));
    spark = new URLClassLoader(jars.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
  }

  @AfterAll
  static void close() throws IOException {
    spark.close();
  }

  private static URL url(Path file) throws MalformedURLException {
    return file.toUri().toURL();
  }

  @Test
  void whatTheJobJarRefersToIsInThisSpark() throws IOException {
    Map<Link, String> links = links();

    assertThat(links).hasSizeGreaterThan(200);
    assertThat(links.entrySet())
        .filteredOn(link -> !isThere(link.getKey()))
        .as("%s", BuiltProduct.sparkHome())
        .isEmpty();
  }

  @Test
  void whatTheJobJarImplementsIsWhole() throws IOException, ClassNotFoundException {
    TreeSet<String> missing = new TreeSet<>();
    int concrete = 0;
    for (String name : productClasses()) {
      Class<?> type = Class.forName(name, false, spark);
      if (!Modifier.isAbstract(type.getModifiers())) {
        concrete++;
        Arrays.stream(type.getMethods())
            .filter(method -> Modifier.isAbstract(method.getModifiers()))
            .forEach(method -> missing.add(name + " lacks " + method));
      }
    }

    assertThat(concrete).isGreaterThan(500);
    assertThat(missing).as("%s", BuiltProduct.sparkHome()).isEmpty();
  }

  /** Each with a class that refers to it. */
  private static Map<Link, String> links() throws IOException {
    Map<Link, String> links = new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));
    try (JarFile jar = new JarFile(BuiltProduct.jobJar().toFile())) {
      for (JarEntry entry : jar.stream().filter(JobJarLinksIT::isOfProduct).toList()) {
        try (InputStream in = new BufferedInputStream(jar.getInputStream(entry))) {
          ClassFileLinks.of(in).stream()
              .filter(link -> OF_SPARK.matcher(link.owner()).matches())
              .forEach(link -> links.put(link, entry.getName()));
        }
      }
    }
    return links;
  }

  private static List<String> productClasses() throws IOException {
    try (JarFile jar = new JarFile(BuiltProduct.jobJar().toFile())) {
      return jar.stream()
          .filter(JobJarLinksIT::isOfProduct)
          .map(entry -> entry.getName().replace(".class", "").replace('/', '.'))
          .toList();
    }
  }

  /** Libraries inside the jar refer to others that need not be there. */
  private static boolean isOfProduct(JarEntry entry) {
    return entry.getName().endsWith(".class")
        && entry.getName().startsWith("io/batchinfer/")
        && !entry.getName().startsWith("io/batchinfer/shaded/")
        && !entry.getName().endsWith("-info.class");
  }

  private static boolean isThere(Link link) {
    try {
      return isMemberOf(Class.forName(link.owner(), false, spark), link);
    } catch (ClassNotFoundException | LinkageError e) {
      return false;
    }
  }

  private static boolean isMemberOf(Class<?> type, Link link) {
    boolean declared =
        link.isMethod()
            ? executables(type).anyMatch(executable -> describes(link, executable))
            : Arrays.stream(type.getDeclaredFields()).anyMatch(field -> describes(link, field));
    return declared
        || (type.getSuperclass() != null && isMemberOf(type.getSuperclass(), link))
        || Arrays.stream(type.getInterfaces()).anyMatch(parent -> isMemberOf(parent, link))
        || (type.isInterface() && isMemberOf(Object.class, link));
  }

  private static Stream<Executable> executables(Class<?> type) {
    return Stream.concat(
        Arrays.stream(type.getDeclaredMethods()), Arrays.stream(type.getDeclaredConstructors()));
  }

  private static boolean describes(Link link, Executable executable) {
    boolean constructor = executable instanceof Constructor;
    Class<?> result = executable instanceof Method method ? method.getReturnType() : void.class;
    return link.name().equals(constructor ? "<init>" : executable.getName())
        && link.descriptor()
            .equals(
                MethodType.methodType(result, executable.getParameterTypes()).descriptorString());
  }

  private static boolean describes(Link link, Field field) {
    return link.name().equals(field.getName())
        && link.descriptor().equals(field.getType().descriptorString());
  }
}
