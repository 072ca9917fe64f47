/** The key lives in this tab's session storage and nowhere else. */

const ENTRY = "batchinfer.key";

export function key() {
  return sessionStorage.getItem(ENTRY);
}

export function keep(newKey) {
  sessionStorage.setItem(ENTRY, newKey);
}

export function forget() {
  sessionStorage.removeItem(ENTRY);
}

/** The public part of a key, which is safe to show. */
export function keyId(ofKey) {
  return /^bi_[0-9a-f]{8}(?=_)/.exec(ofKey)?.[0] ?? "";
}

/** Whether a request's header can carry it. */
export function isWellFormed(candidate) {
  return /^[\x21-\x7e]+$/.test(candidate);
}
