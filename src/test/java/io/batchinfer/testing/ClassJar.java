package io.batchinfer.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/** A program of the tests as a jar of its own, as a user's would be. */
public final class ClassJar {
  private ClassJar() {}

  /** Packs one class alone, without what is nested in it. */
  public static Path of(Class<?> program, Path directory) throws IOException {
    String entry = program.getName().replace('.', '/') + ".class";
    Path jar = directory.resolve(program.getSimpleName() + ".jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
        InputStream in = program.getResourceAsStream("/" + entry)) {
      out.putNextEntry(new JarEntry(entry));
      if (in == null) {
        throw new IOException("\"" + entry + "\" is not on the class path.");
      }
      in.transferTo(out);
    }
    return jar;
  }
}
