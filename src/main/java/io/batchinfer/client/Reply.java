package io.batchinfer.client;

/**
 * A complete answer.
 *
 * @param body the decoded entity, owned by the receiver
 */
public record Reply(int status, ReplyHeaders headers, byte[] body) {
  public boolean isSuccess() {
    return status >= 200 && status < 300;
  }

  /** Status and size only: bodies hold what users paid for and must not reach logs. */
  @Override
  public String toString() {
    return "Reply[status=" + status + ", bytes=" + body.length + "]";
  }
}
