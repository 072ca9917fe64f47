// Too many calls of a workspace: 429 as both SDKs read it (sections 1.3, 4.1 and 4.2 of the
// contract). The tests share the workspace's calls, one every 5 s, so they run one after the other.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HTTPClient } from '@mistralai/mistralai/lib/http';
import { SDKError } from '@mistralai/mistralai/models/errors';
import OpenAI from 'openai';
import {
  assertErrorBody,
  countingOpenai,
  eventually,
  get,
  hurriedWorkspace as target,
  mistral,
  postJson,
  rejection,
} from './support.mjs';

/** The refusal of a call that is one too many; the next calls are too, for some seconds. */
function refused() {
  return eventually('a call is one too many', async () => {
    const answer = await get('/v1/files', { target });
    return answer.status === 200 ? null : answer;
  });
}

test('1.3 429: a rate_limit_error that says when to come back', async () => {
  const answer = await refused();
  const error = answer.refused(429);
  assert.deepEqual([error.type, error.code], ['rate_limit_error', 'rate_limit_exceeded']);
  const seconds = Number(answer.headers['retry-after']);
  assert.ok(Number.isInteger(seconds) && seconds >= 1 && seconds <= 60, `${seconds} s`);
  const millis = Number(answer.headers['retry-after-ms']);
  assert.ok(millis > 0 && millis <= seconds * 1000, `${millis} ms`);
  assert.notEqual(answer.headers['x-should-retry'], 'false');
});

test('1.3 429: on every route, before anything is done', async () => {
  await refused();
  for (const path of ['/v1/files', '/v1/batch/jobs', '/v1/batches']) {
    (await get(path, { target })).refused(429);
  }
  (await postJson('/v1/batches', {}, { target })).refused(429);
});

test("4.1 retries: Mistral's client gives a 429 on by default", async () => {
  await refused();
  const error = await rejection(mistral(target).batch.jobs.list());
  assert.ok(error instanceof SDKError, String(error));
  assert.equal(error.statusCode, 429);
  assert.ok(error.headers.get('retry-after'));
  assertErrorBody(JSON.parse(error.body));
});

test("4.1 retries: Mistral's client with a retryConfig comes back when it was told to", async () => {
  await refused();
  const backoff = {
    initialInterval: 10,
    maxInterval: 60_000,
    exponent: 1.5,
    maxElapsedTime: 60_000,
  };
  let calls = 0;
  const httpClient = new HTTPClient({
    fetcher: (...request) => {
      calls++;
      return fetch(...request);
    },
  });
  const retryConfig = { strategy: 'backoff', backoff };
  const list = await mistral(target, { httpClient, retryConfig }).batch.jobs.list();
  assert.equal(list.total, 0);
  assert.equal(calls, 2);
});

test("4.2 errors by status, retries: OpenAI's client comes back when it was told to", async () => {
  await refused();
  const { client } = countingOpenai(target, { maxRetries: 0 });
  assert.ok((await rejection(client.batches.list())) instanceof OpenAI.RateLimitError);
  const patient = countingOpenai(target);
  const start = performance.now();
  assert.deepEqual((await patient.client.batches.list()).data, []);
  // One more where a timer was a moment early.
  assert.ok(patient.calls === 2 || patient.calls === 3, `${patient.calls} calls`);
  assert.ok(performance.now() - start < 60_000);
});
