const INTERVAL_MS = 2_000;
const LONGEST_WAIT_MS = 60_000;

/**
 * Repeats `step` every two seconds while it returns true and the tab is visible. After an error
 * that may pass the waits double up to a minute; any other error ends it. `trouble` hears each
 * error's text, and an empty one once all is well again. Returns a function that runs the step now
 * and tells whether it went well.
 */
export function poll(step, trouble, signal) {
  let timer;
  let goesOn = true;
  let started = false;
  let running = false;
  let failures = 0;

  async function run() {
    clearTimeout(timer);
    if (running || signal.aborted || (started && document.hidden)) {
      return false;
    }
    running = true;
    started = true;
    let wait = INTERVAL_MS;
    try {
      goesOn = await step();
      if (failures > 0 && !signal.aborted) {
        trouble("");
      }
      failures = 0;
    } catch (error) {
      if (signal.aborted) {
        return false;
      }
      goesOn = Boolean(error.mayPass);
      failures += 1;
      wait = Math.max(
        Math.min(INTERVAL_MS * 2 ** failures, LONGEST_WAIT_MS),
        (error.retryAfterSeconds || 0) * 1000,
      );
      trouble(
        goesOn ? `${error.message} Next try in ${Math.round(wait / 1000)} s.` : error.message,
      );
      if (!(error instanceof Error) || error.status === undefined) {
        throw error;
      }
    } finally {
      running = false;
      if (goesOn && !signal.aborted) {
        timer = setTimeout(run, wait);
      }
    }
    return failures === 0;
  }

  document.addEventListener("visibilitychange", () => !document.hidden && goesOn && run(), {
    signal,
  });
  signal.addEventListener("abort", () => clearTimeout(timer));
  run();
  return run;
}
