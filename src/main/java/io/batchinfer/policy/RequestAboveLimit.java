package io.batchinfer.policy;

import java.math.BigInteger;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Recognises a 429 that no waiting helps with, because the request alone is more than the limit.
 * OpenAI words it "Request too large for M … on tokens per min (TPM): Limit 30000, Requested
 * 342389. The input or output tokens must be reduced"; Groq, Azure and gateways word it alike. The
 * same code and type ({@code rate_limit_exceeded}, {@code tokens}) stand with refusals that do
 * pass.
 */
final class RequestAboveLimit {
  private static final Pattern WORDS =
      Pattern.compile(
          "(?i)\\brequest (?:is |was )?too large\\b|\\btokens must be reduced\\b"
              + "|\\breduce your message size\\b"
              + "|\\bsingle request exceeds\\b");
  private static final Pattern CODES =
      Pattern.compile("request_too_large|tokens_limit_reached|context_length_exceeded");
  private static final String NUMBER = "(?:\\s+(?:is|of|about))?[\\s:=]*(\\d[\\d,_]{0,30})";
  private static final Pattern LIMIT = Pattern.compile("(?i)\\blimit" + NUMBER);
  private static final Pattern REQUESTED = Pattern.compile("(?i)\\brequested" + NUMBER);

  private RequestAboveLimit() {}

  /**
   * Whether a 429 with that code and message can never become a success.
   *
   * @param code the endpoint's code or type, in lower case
   */
  static boolean isSaidBy(String code, String message) {
    if (CODES.matcher(code).matches() || WORDS.matcher(message).find()) {
      return true;
    }
    Optional<BigInteger> limit = number(LIMIT, message);
    Optional<BigInteger> requested = number(REQUESTED, message);
    return limit.isPresent() && requested.isPresent() && requested.get().compareTo(limit.get()) > 0;
  }

  private static Optional<BigInteger> number(Pattern pattern, String message) {
    Matcher found = pattern.matcher(message);
    return found.find()
        ? Optional.of(new BigInteger(found.group(1).replaceAll("[,_]", "")))
        : Optional.empty();
  }
}
