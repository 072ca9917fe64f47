// The two services under test, the SDKs' clients for them, and raw HTTP for what no SDK sends.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { Mistral } from '@mistralai/mistralai';
import OpenAI from 'openai';

const BETWEEN_LOOKS_MS = 50;
const LONG_ENOUGH_MS = 90_000;
const ANSWER_TIMEOUT_MS = 60_000;

/** The service with its default limits, as one workspace sees it. */
export const service = at('BATCHINFER_URL', 'BATCHINFER_KEY');
/** The same workspace through another key. */
export const colleague = at('BATCHINFER_URL', 'BATCHINFER_KEY_COLLEAGUE');
/** The same service as another workspace sees it. */
export const otherWorkspace = at('BATCHINFER_URL', 'BATCHINFER_KEY_OTHER');
/** A workspace with one job, whose time runs out while the tests run. */
export const lateWorkspace = at('BATCHINFER_URL', 'BATCHINFER_KEY_LATE');
/** A workspace that may make 12 calls a minute. */
export const hurriedWorkspace = at('BATCHINFER_URL', 'BATCHINFER_KEY_HURRIED');
/** A service with small limits over a slow endpoint with four slots. */
export const smallService = at('BATCHINFER_URL_SMALL', 'BATCHINFER_KEY_SMALL');

function at(urlVariable, keyVariable) {
  const [url, key] = [urlVariable, keyVariable].map((name) => {
    const value = process.env[name];
    if (!value) {
      throw new Error(
        `${name} is not set. Set it to what "batchinfer serve" printed or "batchinfer keys" made.`,
      );
    }
    return value;
  });
  return { url: url.replace(/\/+$/, ''), key };
}

export function mistral(target = service, options = {}) {
  return new Mistral({ serverURL: target.url, apiKey: target.key, ...options });
}

export function openai(target = service, options = {}) {
  return new OpenAI({ baseURL: `${target.url}/v1`, apiKey: target.key, ...options });
}

/** A name that no other test and no other run uses. */
export function unique(prefix = 'contract') {
  return `${prefix}-${randomUUID()}`;
}

/** Evaluates once, however often it is asked. */
export function once(make) {
  let made;
  return () => (made ??= make());
}

/** The first value of `probe` that is not null or undefined. */
export async function eventually(what, probe, withinMs = LONG_ENOUGH_MS) {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await probe();
    if (found !== null && found !== undefined) {
      return found;
    }
    if (performance.now() > deadline) {
      throw new assert.AssertionError({ message: `Not within ${withinMs} ms: ${what}` });
    }
    await pause(BETWEEN_LOOKS_MS);
  }
}

// Raw HTTP

/**
 * One request with exactly these headers (and Host), its answer undecoded. `body` is a string or
 * bytes, sent with its Content-Length, or a list of those, sent in chunks.
 */
export function exchange(method, path, { target = service, auth = true, headers = {}, body } = {}) {
  const url = path.startsWith('http') ? path : target.url + path;
  const all = auth ? { Authorization: `Bearer ${target.key}`, ...headers } : { ...headers };
  const chunked = Array.isArray(body);
  if (chunked) {
    all['Transfer-Encoding'] = 'chunked';
  } else if (body !== undefined) {
    all['Content-Length'] = Buffer.byteLength(body);
  }
  return new Promise((resolve, reject) => {
    let informed = false;
    const request = http.request(url, {
      method,
      headers: all,
      agent: false,
      timeout: ANSWER_TIMEOUT_MS,
    });
    request.on('timeout', () =>
      request.destroy(new Error(`No answer to ${method} ${path} in time.`)),
    );
    request.on('error', (error) =>
      reject(new Error(`${method} ${path}: ${error.message}`, { cause: error })),
    );
    request.on('response', (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve(new Answer(response, chunks, informed)));
    });
    const send = () => {
      for (const piece of chunked ? body : []) {
        request.write(piece);
      }
      request.end(chunked ? undefined : body);
    };
    if (all.Expect) {
      request.on('continue', () => {
        informed = true;
        send();
      });
      request.flushHeaders();
    } else {
      send();
    }
  });
}

/** Whether the service wants the body that a POST with these headers announces; it gets none. */
export function isInvited(path, headers, target = service) {
  return new Promise((resolve, reject) => {
    const request = http.request(target.url + path, {
      method: 'POST',
      headers: { Authorization: `Bearer ${target.key}`, Expect: '100-continue', ...headers },
      agent: false,
      timeout: ANSWER_TIMEOUT_MS,
    });
    const settle = (invited) => {
      resolve(invited);
      request.destroy();
    };
    request.on('continue', () => settle(true));
    request.on('response', () => settle(false));
    request.on('timeout', () => request.destroy(new Error(`No answer to POST ${path} in time.`)));
    request.on('error', reject);
    request.flushHeaders();
  });
}

class Answer {
  constructor(response, chunks, informed) {
    this.status = response.statusCode;
    this.headers = response.headers;
    this.chunks = chunks;
    /** Whether a 100 came first. */
    this.informed = informed;
    assert.ok(this.headers['x-request-id'], 'every answer has x-request-id');
  }

  get bytes() {
    return Buffer.concat(this.chunks);
  }

  get text() {
    return this.bytes.toString('utf8');
  }

  get json() {
    return JSON.parse(this.text);
  }

  get mediaType() {
    return (this.headers['content-type'] ?? '').split(';')[0].trim();
  }

  /** The body of a success as both SDKs want it: status 200 and exactly this media type. */
  ok() {
    assert.equal(this.status, 200, this.text);
    assert.equal(this.mediaType, 'application/json', this.text);
    return this.json;
  }

  /** The body of a refusal in the form that serves both SDKs. */
  refused(...statuses) {
    assert.ok(
      statuses.includes(this.status),
      `expected ${statuses.join(' or ')}, got ${this.status}: ${this.text}`,
    );
    assert.equal(this.mediaType, 'application/json', this.text);
    return assertErrorBody(this.json);
  }
}

export function assertErrorBody(body) {
  assert.equal(body.object, 'error');
  assert.ok(typeof body.message === 'string' && body.message.length > 0, JSON.stringify(body));
  assert.ok(typeof body.type === 'string' && body.type.length > 0, JSON.stringify(body));
  for (const field of ['param', 'code']) {
    assert.ok(body[field] === null || typeof body[field] === 'string', JSON.stringify(body));
  }
  const { message, type, param, code } = body;
  assert.deepEqual(body.error, { message, type, param, code });
  return body;
}

export function get(path, options) {
  return exchange('GET', path, options);
}

export function postJson(path, value, options = {}) {
  return exchange('POST', path, {
    ...options,
    headers: { 'Content-Type': 'application/json', Accept: 'application/json', ...options.headers },
    body: typeof value === 'string' ? value : JSON.stringify(value),
  });
}

/** A multipart/form-data body of these parts in this order: `[name, value]` or `[name, value, file]`. */
export function multipart(parts, { boundary = `----contract${randomUUID()}` } = {}) {
  const pieces = [];
  for (const [name, value, file] of parts) {
    let head = `--${boundary}\r\nContent-Disposition: form-data; name="${name}"`;
    if (file !== undefined) {
      head += file.disposition ?? `; filename="${file.filename}"`;
      head += file.type === undefined ? '' : `\r\nContent-Type: ${file.type}`;
    }
    pieces.push(Buffer.from(`${head}\r\n\r\n`), Buffer.from(value), Buffer.from('\r\n'));
  }
  pieces.push(Buffer.from(`--${boundary}--\r\n`));
  return { type: `multipart/form-data; boundary=${boundary}`, body: Buffer.concat(pieces) };
}

export function postMultipart(path, parts, options = {}) {
  const form = multipart(parts, options);
  return exchange('POST', path, {
    ...options,
    headers: { Accept: 'application/json', 'Content-Type': form.type, ...options.headers },
    body: form.body,
  });
}

// Files and jobs

export const OCTETS = 'application/octet-stream';

/** Uploads this content for batches the way Python does, the file last. */
export async function upload(content, { target = service, filename = 'requests.jsonl' } = {}) {
  const parts = [
    ['purpose', 'batch'],
    ['file', content, { filename, type: OCTETS }],
  ];
  const file = (await postMultipart('/v1/files', parts, { target })).ok();
  assert.equal(file.bytes, Buffer.byteLength(content), 'the upload is stored whole');
  return file;
}

export function jsonl(lines) {
  return lines
    .map((line) => (typeof line === 'string' ? line : JSON.stringify(line)) + '\n')
    .join('');
}

export function chatBody(text, more = {}) {
  return { max_tokens: 8, messages: [{ role: 'user', content: text }], ...more };
}

/** A line as Mistral's documentation has them. */
export function mistralLine(id, text = 'What is the best French cheese?', more = {}) {
  return { custom_id: id, body: chatBody(text, more) };
}

/** A line as OpenAI's documentation has them. */
export function openaiLine(id, text = 'What is the best French cheese?', more = {}) {
  const body = chatBody(text, { model: 'gpt-5-mini', ...more });
  return { custom_id: id, method: 'POST', url: '/v1/chat/completions', body };
}

export function sequence(count, make) {
  return Array.from({ length: count }, (_, index) => make(String(index), index));
}

/** Creates a job on Mistral's route over these lines. */
export async function createJob(lines, { target = service, ...more } = {}) {
  const file = await upload(typeof lines === 'string' ? lines : jsonl(lines), { target });
  const request = {
    model: 'mistral-small-latest',
    endpoint: '/v1/chat/completions',
    input_files: [file.id],
    ...more,
  };
  return (await postJson('/v1/batch/jobs', request, { target })).ok();
}

/** Creates a batch on OpenAI's route over these lines. */
export async function createBatch(lines, { target = service, ...more } = {}) {
  const file = await upload(typeof lines === 'string' ? lines : jsonl(lines), { target });
  const request = {
    input_file_id: file.id,
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
    ...more,
  };
  return (await postJson('/v1/batches', request, { target })).ok();
}

export const MISTRAL_STATUSES = [
  'QUEUED',
  'RUNNING',
  'SUCCESS',
  'FAILED',
  'TIMEOUT_EXCEEDED',
  'CANCELLATION_REQUESTED',
  'CANCELLED',
];
export const MISTRAL_ENDS = ['SUCCESS', 'FAILED', 'TIMEOUT_EXCEEDED', 'CANCELLED'];
export const OPENAI_ENDS = ['completed', 'failed', 'expired', 'cancelled'];

export async function readJob(id, target = service) {
  return (await get(`/v1/batch/jobs/${id}`, { target })).ok();
}

export async function readBatch(id, target = service) {
  return (await get(`/v1/batches/${id}`, { target })).ok();
}

export function finishedJob(id, target = service) {
  return eventually(`job ${id} has ended`, async () => {
    const job = await readJob(id, target);
    return MISTRAL_ENDS.includes(job.status) ? job : null;
  });
}

export function finishedBatch(id, target = service) {
  return eventually(`batch ${id} has ended`, async () => {
    const batch = await readBatch(id, target);
    return OPENAI_ENDS.includes(batch.status) ? batch : null;
  });
}

/** Creates a job over these lines and waits for its success. */
export async function runJob(lines, options = {}) {
  const created = await createJob(lines, options);
  const job = await finishedJob(created.id, options.target);
  assert.equal(job.status, 'SUCCESS', JSON.stringify(job));
  return job;
}

/** Creates a batch over these lines and waits for its completion. */
export async function runBatch(lines, options = {}) {
  const created = await createBatch(lines, options);
  const batch = await finishedBatch(created.id, options.target);
  assert.equal(batch.status, 'completed', JSON.stringify(batch));
  return batch;
}

/** Creates a batch over these lines and waits until it has failed; returns what it says is wrong. */
export async function failedBatch(lines, options = {}) {
  const created = await createBatch(lines, options);
  assert.equal(created.object, 'batch');
  const batch = await finishedBatch(created.id, options.target);
  assert.equal(batch.status, 'failed', JSON.stringify(batch));
  return batch;
}

/** The bytes of a file, as text. */
export async function download(fileId, target = service) {
  const answer = await get(`/v1/files/${fileId}/content`, { target, headers: { Accept: OCTETS } });
  assert.equal(answer.status, 200, answer.text);
  return answer.text;
}

/** The lines of a result or error file by custom_id; none for a file that is not there. */
export async function resultLines(fileId, target = service) {
  const lines = new Map();
  if (fileId !== null) {
    const text = await download(fileId, target);
    assert.ok(text.endsWith('\n'), 'a result file ends with a newline');
    for (const line of text.slice(0, -1).split('\n')) {
      const parsed = JSON.parse(line);
      assert.ok(!lines.has(parsed.custom_id), `custom_id ${parsed.custom_id} has two lines`);
      lines.set(parsed.custom_id, parsed);
    }
  }
  return lines;
}

/** Whether a reader of result lines, of any provider, may take this one for a success. */
export function isSuccess(line) {
  const { response, error } = line;
  return (
    response !== null &&
    response !== undefined &&
    response.status_code >= 200 &&
    response.status_code < 300 &&
    response.body !== null &&
    response.body !== undefined &&
    error === null
  );
}

export function ids(list) {
  return list.map((item) => item.id);
}

export function isUnixSeconds(value) {
  // Milliseconds would lie far beyond.
  return Number.isSafeInteger(value) && value > 1_500_000_000 && value < 10_000_000_000;
}

/** All bytes of a web stream. */
export async function collected(stream) {
  const chunks = [];
  for await (const chunk of stream) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** OpenAI's client, and how often it has called the service. */
export function countingOpenai(target = service, options = {}) {
  const counted = { calls: 0 };
  counted.client = openai(target, {
    ...options,
    fetch: (...request) => {
      counted.calls++;
      return fetch(...request);
    },
  });
  return counted;
}

/** The error that this promise ends with. */
export async function rejection(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({ message: 'expected the call to fail' });
}
