import { key } from "./session.js";

/** An answer that is not a success, or no answer at all (status 0). */
export class ApiError extends Error {
  constructor(status, message, requestId, retryAfterSeconds) {
    super(requestId ? `${message} (request ${requestId})` : message);
    this.name = "ApiError";
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** Whether the same call may succeed a little later. */
  get mayPass() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

const UNREACHABLE =
  "The service cannot be reached. Check that it is running and that you are online.";

let whenRefused = () => {};

/** Sets what happens when the service does not accept the key any more. */
export function onRefused(action) {
  whenRefused = action;
}

export function get(path, query, signal) {
  return call("GET", path, { query, signal });
}

/** The first bytes of a file, as text. */
export function beginning(path, bytes, signal) {
  return call("GET", path, { signal, bytes });
}

export function post(path, body) {
  return call("POST", path, { body });
}

export function remove(path) {
  return call("DELETE", path, {});
}

/** Asks whether the service accepts a key, without a word to the session. */
export function check(candidate) {
  return call("GET", "v1/batch/jobs", { query: { page_size: 1 }, as: candidate });
}

async function call(method, path, { query, body, signal, as, bytes }) {
  const usedKey = as ?? key();
  const headers = { Authorization: `Bearer ${usedKey}`, Accept: "application/json" };
  if (body !== undefined) {
    headers["Content-Type"] = "application/json";
  }
  if (bytes !== undefined) {
    headers.Accept = "*/*";
    headers.Range = `bytes=0-${bytes - 1}`;
  }
  let response;
  let text;
  try {
    response = await fetch(withQuery(path, query), {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal,
      cache: "no-store",
      credentials: "omit",
    });
    text = await response.text();
  } catch (error) {
    if (error.name === "AbortError") {
      throw error;
    }
    throw new ApiError(0, UNREACHABLE);
  }
  if (response.ok) {
    return bytes === undefined ? parsed(text, response.status) : text;
  }
  throw refusal(
    response.status,
    text,
    (name) => response.headers.get(name),
    as === undefined ? usedKey : null,
  );
}

/** Sends one file; `progressed` hears bytes sent and bytes in all. */
export function upload(file, progressed, signal) {
  const form = new FormData();
  form.append("purpose", "batch");
  form.append("file", file);
  const usedKey = key();
  return new Promise((resolve, reject) => {
    // fetch does not tell how much of a body is sent.
    const request = new XMLHttpRequest();
    request.open("POST", "v1/files");
    request.setRequestHeader("Authorization", `Bearer ${usedKey}`);
    request.upload.addEventListener("progress", (event) => progressed(event.loaded, event.total));
    request.addEventListener("load", () => {
      try {
        if (request.status >= 200 && request.status < 300) {
          resolve(parsed(request.responseText, request.status));
        } else {
          throw refusal(
            request.status,
            request.responseText,
            (name) => request.getResponseHeader(name),
            usedKey,
          );
        }
      } catch (error) {
        reject(error);
      }
    });
    request.addEventListener("error", () => reject(new ApiError(0, UNREACHABLE)));
    request.addEventListener("abort", () =>
      reject(new DOMException("The upload was stopped.", "AbortError")),
    );
    signal.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}

function withQuery(path, query = {}) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      parameters.append(name, one);
    }
  }
  return parameters.size > 0 ? `${path}?${parameters}` : path;
}

function parsed(text, status) {
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError(
      status,
      "The answer is not JSON. Something between this page and the service replaced it.",
    );
  }
}

function refusal(status, text, header, usedKey) {
  let message = `The service answered with status ${status}.`;
  try {
    message = JSON.parse(text).message || message;
  } catch {
    // A proxy's own error page: its status says what there is to say.
  }
  const error = new ApiError(
    status,
    message,
    header("x-request-id"),
    Number(header("retry-after")) || 0,
  );
  // A late answer to an earlier session must not end this one.
  if (status === 401 && usedKey !== null && usedKey === key()) {
    whenRefused();
  }
  return error;
}
