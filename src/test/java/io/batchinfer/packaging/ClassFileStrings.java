package io.batchinfer.packaging;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/** Every UTF-8 entry of a class file's constant pool: names, descriptors and string constants. */
final class ClassFileStrings {
  private static final int MAGIC = 0xCAFEBABE;

  private ClassFileStrings() {}

  static List<String> of(InputStream classFile) throws IOException {
    DataInputStream in = new DataInputStream(classFile);
    if (in.readInt() != MAGIC) {
      throw new IOException("Not a class file: its first four bytes are not CAFEBABE.");
    }
    in.skipNBytes(4);
    int count = in.readUnsignedShort();
    List<String> strings = new ArrayList<>();
    for (int i = 1; i < count; i++) {
      int tag = in.readUnsignedByte();
      switch (tag) {
        case 1 -> strings.add(in.readUTF());
        case 7, 8, 16, 19, 20 -> in.skipNBytes(2);
        case 15 -> in.skipNBytes(3);
        case 3, 4, 9, 10, 11, 12, 17, 18 -> in.skipNBytes(4);
        case 5, 6 -> {
          in.skipNBytes(8);
          i++; // long and double take two places
        }
        default -> throw new IOException("Unknown constant pool tag " + tag + ".");
      }
    }
    return strings;
  }
}
