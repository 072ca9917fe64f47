package io.batchinfer.packaging;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/** The fields and methods of classes that a class file's constant pool refers to. */
final class ClassFileLinks {
  private static final int MAGIC = 0xCAFEBABE;

  private ClassFileLinks() {}

  /**
   * A field or a method of a class, as the JVM looks it up.
   *
   * @param owner binary name of the class, with dots
   * @param descriptor type of a field, or parameters and result of a method
   */
  record Link(String owner, String name, String descriptor) {
    boolean isMethod() {
      return descriptor.startsWith("(");
    }

    @Override
    public String toString() {
      return owner + "." + name + descriptor;
    }
  }

  /** What the class file refers to; arrays have no members of their own and are left out. */
  static List<Link> of(InputStream classFile) throws IOException {
    DataInputStream in = new DataInputStream(classFile);
    if (in.readInt() != MAGIC) {
      throw new IOException("Not a class file: its first four bytes are not CAFEBABE.");
    }
    in.skipNBytes(4);
    int count = in.readUnsignedShort();
    String[] texts = new String[count];
    int[] classes = new int[count];
    int[][] namesAndTypes = new int[count][];
    List<int[]> members = new ArrayList<>();
    for (int i = 1; i < count; i++) {
      int tag = in.readUnsignedByte();
      switch (tag) {
        case 1 -> texts[i] = in.readUTF();
        case 7 -> classes[i] = in.readUnsignedShort();
        case 9, 10, 11 -> members.add(new int[] {in.readUnsignedShort(), in.readUnsignedShort()});
        case 12 -> namesAndTypes[i] = new int[] {in.readUnsignedShort(), in.readUnsignedShort()};
        case 8, 16, 19, 20 -> in.skipNBytes(2);
        case 15 -> in.skipNBytes(3);
        case 3, 4, 17, 18 -> in.skipNBytes(4);
        case 5, 6 -> {
          in.skipNBytes(8);
          i++; // long and double take two places
        }
        default -> throw new IOException("Unknown constant pool tag " + tag + ".");
      }
    }
    List<Link> links = new ArrayList<>();
    for (int[] member : members) {
      String owner = texts[classes[member[0]]];
      int[] nameAndType = namesAndTypes[member[1]];
      if (!owner.startsWith("[")) {
        links.add(new Link(owner.replace('/', '.'), texts[nameAndType[0]], texts[nameAndType[1]]));
      }
    }
    return links;
  }
}
