package io.batchinfer.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.client.TransportException.Kind;
import io.batchinfer.policy.StatusMeaning;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the end of an attempt says about whether a replica is there. */
class SignTest {
  @ParameterizedTest
  @CsvSource({
    "200,ALIVE", "400,ALIVE", "404,ALIVE", "429,ALIVE", "500,ALIVE", "501,ALIVE", "502,LOST",
    "503,FULL", "529,FULL", "521,AWAY", "522,AWAY", "523,AWAY", "525,AWAY", "526,AWAY",
    "408,NONE", "499,NONE", "504,NONE", "520,NONE", "524,NONE", "598,NONE", "599,NONE"
  })
  void ofAStatus(int status, Sign sign) {
    assertThat(Sign.of(EndsOfAttempts.status(status))).isEqualTo(sign);
    assertThat(Sign.failure(EndsOfAttempts.status(status))).isEqualTo(status);
  }

  @ParameterizedTest
  @CsvSource({
    "CONNECTION_LOST,LOST,-2",
    "UNKNOWN_HOST,AWAY,-3",
    "CONNECT_FAILED,AWAY,-1",
    "TLS_FAILED,NONE,-1",
    "FENCED,NONE,-1",
    "TIMED_OUT,NONE,-1",
    "RESPONSE_TOO_LARGE,NONE,-1",
    "MALFORMED_RESPONSE,NONE,-1"
  })
  void ofAnAttemptWithoutAnAnswer(Kind kind, Sign sign, int failure) {
    var attempt = EndsOfAttempts.failed(StatusMeaning.CONNECTION_LOST, kind);

    assertThat(Sign.of(attempt)).isEqualTo(sign);
    assertThat(Sign.failure(attempt)).isEqualTo(failure);
  }

  @Test
  void anEndThatNoProcessCanHaveToldIsNone() {
    assertThat(Sign.ofOrdinal(-1)).isNull();
    assertThat(Sign.ofOrdinal(Sign.values().length)).isNull();
    assertThat(Sign.ofOrdinal(Sign.LOST.ordinal())).isEqualTo(Sign.LOST);
  }
}
