/** Cumulative points of a job's progress, turned into what happened per second in between. */

/** One number per point: the change of `value` per second since the point before, or null. */
export function rates(points, value) {
  return points.map((point, index) => {
    const before = points[index - 1];
    if (before === undefined) {
      return null;
    }
    const seconds = point.at - before.at;
    const now = value(point);
    const then = value(before);
    // A counter that falls was started anew: what happened in between is not known.
    return seconds > 0 && isNumber(now) && isNumber(then) && now >= then
      ? (now - then) / seconds
      : null;
  });
}

/** The points with the job's start before them, where everything was still zero. */
export function fromStart(points, startedAt) {
  const first = points[0];
  if (first === undefined || !isNumber(startedAt) || startedAt >= first.at) {
    return points;
  }
  const start = {
    at: startedAt,
    completed: 0,
    failed: 0,
    in_flight: 0,
    prompt_tokens: 0,
    completion_tokens: 0,
    cost: isNumber(first.cost) ? 0 : null,
    latency_p50_ms: null,
    latency_p95_ms: null,
    latency_p99_ms: null,
    errors: {},
  };
  return [start, ...points];
}

/** Error codes of all points, most frequent first; those beyond `most` under one name. */
export function errorCodes(points, most) {
  const totals = points.at(-1)?.errors ?? {};
  const codes = Object.keys(totals).sort((a, b) => totals[b] - totals[a] || a.localeCompare(b));
  const named = codes.length > most ? codes.slice(0, most - 1) : codes;
  const groups = named.map((code) => ({ name: code, codes: [code] }));
  if (named.length < codes.length) {
    groups.push({ name: "others", codes: codes.slice(named.length) });
  }
  return groups.map((group) => ({
    ...group,
    of: (point) => sum(group.codes.map((code) => point.errors?.[code] ?? 0)),
  }));
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

function isNumber(value) {
  return typeof value === "number";
}
