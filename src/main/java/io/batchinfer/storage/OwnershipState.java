package io.batchinfer.storage;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a listing of the claim folder says: claims by epoch, their beats, their releases.
 *
 * @param highestLock the highest epoch with a lock, 0 for none
 */
record OwnershipState(List<OwnershipClaim> claims, long highestLock) {
  private static final Pattern NAME =
      Pattern.compile("e(\\d{8})\\.([0-9a-f-]{36})\\.(claim|released|beat-(\\d{10}))");

  private static final Pattern LOCK = Pattern.compile("e(\\d{8})\\.lock");

  /**
   * One claim.
   *
   * @param beat highest beat seen, 0 before the first
   */
  record OwnershipClaim(long epoch, String id, long beat, boolean released) {
    String fileName() {
      return name(epoch, id, "claim");
    }
  }

  static String name(long epoch, String id, String kind) {
    return "e%08d.%s.%s".formatted(epoch, id, kind);
  }

  static String lockName(long epoch) {
    return "e%08d.lock".formatted(epoch);
  }

  static String beatName(long epoch, String id, long beat) {
    return name(epoch, id, "beat-%010d".formatted(beat));
  }

  static OwnershipState of(List<String> fileNames) {
    Map<String, OwnershipClaim> byId = new HashMap<>();
    Map<String, Long> beats = new HashMap<>();
    Map<String, Boolean> released = new HashMap<>();
    long highestLock = 0;
    for (String fileName : fileNames) {
      Matcher lock = LOCK.matcher(fileName);
      if (lock.matches()) {
        highestLock = Math.max(highestLock, Long.parseLong(lock.group(1)));
        continue;
      }
      Matcher matcher = NAME.matcher(fileName);
      if (!matcher.matches()) {
        continue;
      }
      String id = matcher.group(2);
      if (matcher.group(3).equals("claim")) {
        byId.put(id, new OwnershipClaim(Long.parseLong(matcher.group(1)), id, 0, false));
      } else if (matcher.group(3).equals("released")) {
        released.put(id, true);
      } else {
        beats.merge(id, Long.parseLong(matcher.group(4)), Math::max);
      }
    }
    return new OwnershipState(
        byId.values().stream()
            .map(
                claim ->
                    new OwnershipClaim(
                        claim.epoch(),
                        claim.id(),
                        beats.getOrDefault(claim.id(), 0L),
                        released.containsKey(claim.id())))
            .sorted(
                Comparator.comparingLong(OwnershipClaim::epoch).thenComparing(OwnershipClaim::id))
            .toList(),
        highestLock);
  }

  /** The highest epoch that was ever claimed, 0 for none. */
  long highestEpoch() {
    return claims.isEmpty() ? 0 : claims.get(claims.size() - 1).epoch();
  }

  /** The first epoch that has neither a claim nor a lock, and none after it has. */
  long nextEpoch() {
    return Math.max(highestEpoch(), highestLock) + 1;
  }

  /**
   * Claims that were not released. One of the highest epoch may be withdrawn any time, and then an
   * earlier one is the owner's.
   */
  List<OwnershipClaim> unreleased() {
    return claims.stream().filter(claim -> !claim.released()).toList();
  }

  /** Claims of the highest epoch that were not released. */
  List<OwnershipClaim> holders() {
    long highest = highestEpoch();
    return unreleased().stream().filter(claim -> claim.epoch() == highest).toList();
  }

  /** The epoch in the name of any file of the protocol, or empty for another file. */
  static OptionalLong epochOf(String fileName) {
    for (Pattern pattern : List.of(NAME, LOCK)) {
      Matcher matcher = pattern.matcher(fileName);
      if (matcher.matches()) {
        return OptionalLong.of(Long.parseLong(matcher.group(1)));
      }
    }
    return OptionalLong.empty();
  }

  /** The highest beat of every claim, by id. */
  Map<String, Long> beats() {
    Map<String, Long> beats = new HashMap<>();
    claims.forEach(claim -> beats.put(claim.id(), claim.beat()));
    return beats;
  }

  Optional<OwnershipClaim> find(String id) {
    return claims.stream().filter(claim -> claim.id().equals(id)).findFirst();
  }

  /** Whether somebody claims a later epoch. */
  boolean isOutbid(long epoch) {
    return highestEpoch() > epoch;
  }
}
