package io.batchinfer.quota;

import io.batchinfer.client.Attempt;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.CacheSigns.Company;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which of the rows that wait goes out next, and to which replica, so that a server's cache has
 * what it begins with. Of rows that begin alike, one goes first and the others once it is answered,
 * at the same replica; rows that begin otherwise go meanwhile. Where slots have caches of their
 * own, such rows go one after the other. This is an order and no more: whenever a slot is free and
 * a row waits, one goes out. What is remembered is of rows that wait or are under way. Not
 * thread-safe.
 */
final class RowChoice {
  /** Groups that are looked at for each row. */
  private static final int MOST_GROUPS = 256;

  private final Map<Long, Group> groups = new HashMap<>();
  private final CacheSigns signs = new CacheSigns();

  /** A row, and where it is to go. */
  record Pick(WaitingRow row, Target target) {}

  /**
   * What attempts may go to.
   *
   * @param open replicas with a free slot, one at least, each time beginning with another
   * @param usable replicas that attempts go to without restraint, those included
   * @param slots of all replicas
   * @param most what a replica may have under way without idling others
   */
  record Openings(List<Target> open, List<Target> usable, int slots, int most) {
    /** Whether a replica may have one more for the sake of its cache. */
    boolean hasRoom(Target target) {
      return target.taken() < most && open.contains(target);
    }
  }

  /** What is under way at a replica of those that begin alike, and whether one was answered. */
  private static final class Place {
    private int underWay;
    private int mostUnderWay;
    private boolean answered;
  }

  private static final class Group {
    private final Target home;
    private final Map<Target, Place> places = new HashMap<>();
    private int underWay;

    Group(Target home) {
      this.home = home;
    }

    Place at(Target target) {
      return places.computeIfAbsent(target, unused -> new Place());
    }
  }

  /** What speaks for a row, the most first. */
  private enum Claim {
    /** The replica has what the row begins with. */
    CACHED,
    /** The first of those that begin like it. */
    FIRST,
    /** The replica has what the row begins with, in a slot that is busy. */
    CACHED_IN_A_BUSY_SLOT,
    /** The first at a replica that is not that of its group, which has no room. */
    FIRST_ELSEWHERE,
    /** The first of those that begin like it is not answered yet. */
    AWAITS_THE_FIRST
  }

  /** A row that may go out, and what speaks for it. */
  private record Candidate(Pick pick, Claim claim) {
    boolean isBefore(@Nullable Candidate other) {
      if (other == null || claim != other.claim) {
        return other == null || claim.compareTo(other.claim) < 0;
      }
      return pick.row().arrival() < other.pick.row().arrival();
    }
  }

  /**
   * The row to go out next.
   *
   * @param waiting not empty
   */
  Pick pick(GroupedRows waiting, Openings openings) {
    boolean apart = signs.areSlotsApart();
    int supply = 0;
    int looked = 0;
    @Nullable Candidate best = null;
    @Nullable Candidate first = null;
    for (Deque<WaitingRow> rows : waiting.groups()) {
      Candidate candidate = candidate(rows.element(), openings, apart);
      best = candidate.isBefore(best) ? candidate : best;
      if (candidate.claim() == Claim.FIRST && candidate.isBefore(first)) {
        first = candidate;
      }
      if (candidate.claim() == Claim.CACHED && rows.element().request().group() != 0) {
        supply += rows.size();
      }
      if (++looked == MOST_GROUPS || (!apart && supply >= openings.slots())) {
        break;
      }
    }
    // Early enough that what it begins with is there when the others run out.
    boolean early = !apart && supply < openings.slots();
    Candidate chosen = early && first != null ? first : best;
    if (chosen == null) {
      throw new IllegalArgumentException("no row waits");
    }
    return chosen.pick();
  }

  private Candidate candidate(WaitingRow row, Openings openings, boolean apart) {
    long key = row.request().group();
    if (key == 0) {
      Target target = ReplicaChoice.LEAST_BUSY.of(row.request(), openings.open());
      return new Candidate(new Pick(row, target), Claim.CACHED);
    }
    Group group = groups.get(key);
    Target home =
        group != null && openings.usable().contains(group.home)
            ? group.home
            : ReplicaChoice.home(key, openings.usable());
    boolean atHome = openings.hasRoom(home);
    Target target = atHome ? home : ReplicaChoice.LEAST_BUSY.of(row.request(), openings.open());
    @Nullable Place place = group == null ? null : group.places.get(target);
    return new Candidate(new Pick(row, target), claim(place, atHome, apart));
  }

  private Claim claim(@Nullable Place place, boolean atHome, boolean apart) {
    if (place == null || (place.underWay == 0 && !place.answered)) {
      return atHome ? Claim.FIRST : Claim.FIRST_ELSEWHERE;
    }
    if (!place.answered) {
      return Claim.AWAITS_THE_FIRST;
    }
    boolean trial = company(place) == Company.SECOND && signs.wantsTrial();
    return apart && place.underWay > 0 && !trial ? Claim.CACHED_IN_A_BUSY_SLOT : Claim.CACHED;
  }

  /** Groups that are remembered. */
  int remembered() {
    return groups.size();
  }

  private static Company company(Place place) {
    if (!place.answered) {
      return Company.ANY;
    }
    if (place.underWay == 0) {
      return Company.ALONE;
    }
    return place.mostUnderWay == 1 ? Company.SECOND : Company.ANY;
  }

  /** Notes that a row went out. {@link #ended} must follow. */
  void began(WaitingRow row, Target target) {
    long key = row.request().group();
    if (key == 0) {
      return;
    }
    Group group = groups.computeIfAbsent(key, unused -> new Group(target));
    Place place = group.at(target);
    row.went(company(place));
    signs.began(row.company());
    place.underWay++;
    place.mostUnderWay = Math.max(place.mostUnderWay, place.underWay);
    group.underWay++;
  }

  /**
   * Notes how it ended.
   *
   * @param waiting what waits by now
   */
  void ended(WaitingRow row, Target target, Attempt attempt, GroupedRows waiting) {
    long key = row.request().group();
    Group group = groups.get(key);
    if (key == 0 || group == null) {
      return;
    }
    signs.ended(row.company(), attempt);
    Place place = group.at(target);
    place.underWay--;
    place.answered |= attempt.meaning() == StatusMeaning.ANSWERED;
    group.underWay--;
    if (group.underWay == 0 && !waiting.has(key)) {
      groups.remove(key);
    }
  }
}
