package io.batchinfer.compare;

import io.batchinfer.model.Cost;
import io.batchinfer.model.Hash128;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.function.UnaryOperator;

/**
 * What is kept of a row of an output, to be compared.
 *
 * @param id hash of its custom_id
 * @param answer hash of what the answer says; zero for a row that failed
 * @param code why it failed; empty for a row that has an answer
 * @param place where its line stands
 */
record ComparedRow(Hash128 id, Hash128 answer, String code, Spending spending, Place place) {
  private static final int LONGEST_CODE = 200;

  ComparedRow {
    if (code.length() > LONGEST_CODE) {
      code = code.substring(0, LONGEST_CODE);
    }
  }

  /**
   * What the row took.
   *
   * @param promptTokens as its answer reports
   * @param completionTokens as its answer reports
   * @param cost over all tries
   */
  record Spending(long promptTokens, long completionTokens, Cost cost) {}

  /**
   * Where a line stands.
   *
   * @param offset of its first byte in the part
   * @param length of the line in bytes, without its end
   */
  record Place(int split, boolean result, long offset, int length) implements Comparable<Place> {
    @Override
    public int compareTo(Place other) {
      int bySplit = Integer.compare(split, other.split);
      if (bySplit != 0) {
        return bySplit;
      }
      int byPart = Boolean.compare(other.result, result);
      return byPart != 0 ? byPart : Long.compare(offset, other.offset);
    }
  }

  boolean isAnswered() {
    return place.result();
  }

  /** How the row ended, in one word. */
  String ending() {
    return isAnswered() ? "succeeded" : code;
  }

  void writeTo(DataOutputStream out) throws IOException {
    out.writeLong(id.high());
    out.writeLong(id.low());
    out.writeLong(answer.high());
    out.writeLong(answer.low());
    out.writeUTF(code);
    out.writeLong(spending.promptTokens());
    out.writeLong(spending.completionTokens());
    out.writeLong(spending.cost().billionths());
    out.writeLong(spending.cost().unpriced());
    out.writeInt(place.split());
    out.writeBoolean(place.result());
    out.writeLong(place.offset());
    out.writeInt(place.length());
  }

  /**
   * Reads what {@link #writeTo} wrote.
   *
   * @param shared gives one object for equal codes
   */
  static ComparedRow readFrom(DataInputStream in, UnaryOperator<String> shared) throws IOException {
    Hash128 id = new Hash128(in.readLong(), in.readLong());
    Hash128 answer = new Hash128(in.readLong(), in.readLong());
    String code = shared.apply(in.readUTF());
    long prompt = in.readLong();
    long completion = in.readLong();
    Cost cost = new Cost(in.readLong(), in.readLong());
    Place place = new Place(in.readInt(), in.readBoolean(), in.readLong(), in.readInt());
    return new ComparedRow(id, answer, code, new Spending(prompt, completion, cost), place);
  }
}
