package io.batchinfer.client;

/**
 * A complete answer.
 *
 * @param body the entity, owned by the receiver
 * @param form what is known about the body beside its bytes
 */
public record Reply(int status, ReplyHeaders headers, byte[] body, Form form) {

  /** How the body came. */
  public enum Form {
    /** Its length was announced, all of it came, and no content encoding is left on it. */
    WHOLE,
    /**
     * All of it came, but its {@code Content-Encoding} is not one that is understood, or it is
     * broken: the bytes are those of the wire.
     */
    ENCODED,
    /**
     * Its length was not announced: the end of the connection ended it, or cut it off. It may be
     * coded.
     */
    UNTIL_CLOSE
  }

  /** A whole and decoded answer. */
  public Reply(int status, ReplyHeaders headers, byte[] body) {
    this(status, headers, body, Form.WHOLE);
  }

  /** The same answer with another body. */
  public Reply with(byte[] other) {
    return new Reply(status, headers, other, form);
  }

  public boolean isSuccess() {
    return status >= 200 && status < 300;
  }

  /** Status and size only: bodies hold what users paid for and must not reach logs. */
  @Override
  public String toString() {
    return "Reply[status=" + status + ", bytes=" + body.length + ", form=" + form + "]";
  }
}
