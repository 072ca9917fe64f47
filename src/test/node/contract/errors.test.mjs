// Refusals as both SDKs read them, and what they send besides (sections 1.3, 1.4, 2, 4.1 and 4.2).

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SDKError } from '@mistralai/mistralai/models/errors';
import OpenAI from 'openai';
import {
  assertErrorBody,
  createJob,
  exchange,
  finishedJob,
  get,
  ids,
  jsonl,
  mistral,
  mistralLine,
  once,
  openai,
  openaiLine,
  otherWorkspace,
  postJson,
  rejection,
  runJob,
  service,
  upload,
} from './support.mjs';

const unknown = '00000000-0000-4000-8000-000000000000';
const malformed = [
  'a%2Fb%20c',
  '..%2F..%2Fetc%2Fpasswd',
  '%00',
  'x',
  'x'.repeat(3000),
  '%F0%9F%98%80',
  'batch_',
];
const finished = once(() => runJob([mistralLine('0'), mistralLine('1', 'x [[fault:http_400]]')]));

describe('1.3 errors', { concurrency: 8 }, () => {
  test('1.3 SDKError carries the status, the raw body and its type', async () => {
    const error = await rejection(mistral().batch.jobs.get({ jobId: unknown }));
    assert.ok(error instanceof SDKError, String(error));
    assert.equal(error.statusCode, 404);
    assert.equal(error.contentType, 'application/json');
    assertErrorBody(JSON.parse(error.body));
  });

  test('1.3 404: unknown file, job and batch', async () => {
    for (const path of [
      `/v1/files/${unknown}`,
      `/v1/files/${unknown}/content`,
      `/v1/files/${unknown}/url`,
    ]) {
      (await get(path)).refused(404);
    }
    for (const path of [
      `/v1/batch/jobs/${unknown}`,
      `/v1/batches/${unknown}`,
      `/v1/batch/jobs/${unknown}/progress`,
    ]) {
      (await get(path)).refused(404);
    }
    for (const path of [`/v1/batch/jobs/${unknown}/cancel`, `/v1/batches/${unknown}/cancel`]) {
      (await exchange('POST', path)).refused(404);
    }
    for (const path of [`/v1/files/${unknown}`, `/v1/batch/jobs/${unknown}`]) {
      (await exchange('DELETE', path)).refused(404);
    }
  });

  test('1.3 404: a malformed id answers like an unknown one', async () => {
    for (const [path, id] of ['/v1/files/', '/v1/batch/jobs/', '/v1/batches/'].flatMap((path) =>
      malformed.map((id) => [path, id]),
    )) {
      const { type, code, param } = (await get(path + id)).refused(404);
      const known = (await get(path + unknown)).refused(404);
      assert.deepEqual([type, code, param], [known.type, known.code, known.param], id);
    }
  });

  test("1.3 404: another workspace's file and job answer like unknown ones, and are not listed", async () => {
    const job = await finished();
    const target = otherWorkspace;
    for (const [owned, missing] of [
      [`/v1/files/${job.output_file}`, `/v1/files/${unknown}`],
      [`/v1/files/${job.input_files[0]}/content`, `/v1/files/${unknown}/content`],
      [`/v1/files/${job.input_files[0]}/url`, `/v1/files/${unknown}/url`],
      [`/v1/batch/jobs/${job.id}`, `/v1/batch/jobs/${unknown}`],
      [`/v1/batch/jobs/${job.id}/progress`, `/v1/batch/jobs/${unknown}/progress`],
      [`/v1/batches/${job.id}`, `/v1/batches/${unknown}`],
    ]) {
      const [foreign, none] = [
        (await get(owned, { target })).refused(404),
        (await get(missing, { target })).refused(404),
      ];
      const id = owned
        .split('/')
        .find((part) => [job.id, job.output_file, job.input_files[0]].includes(part));
      assert.equal(foreign.message.replace(id, unknown), none.message);
      assert.deepEqual(
        [foreign.type, foreign.code, foreign.param],
        [none.type, none.code, none.param],
      );
    }
    (await exchange('POST', `/v1/batch/jobs/${job.id}/cancel`, { target })).refused(404);
    (await exchange('DELETE', `/v1/batch/jobs/${job.id}`, { target })).refused(404);
    (await exchange('DELETE', `/v1/files/${job.input_files[0]}`, { target })).refused(404);
    assert.ok(
      !ids((await get('/v1/batch/jobs?page_size=1000', { target })).ok().data ?? []).includes(
        job.id,
      ),
    );
    assert.ok(
      !ids((await get('/v1/files?limit=10000', { target })).ok().data).includes(job.input_files[0]),
    );
    const request = { input_files: job.input_files, endpoint: '/v1/chat/completions', model: 'm' };
    (await postJson('/v1/batch/jobs', request, { target })).refused(400, 404, 422);
    assert.equal((await get(`/v1/batch/jobs/${job.id}`)).ok().status, 'SUCCESS');
  });

  test('1.3 404: an unknown path', async () => {
    for (const path of [
      '/v1',
      '/v1/',
      '/v1/models',
      '/v2/files',
      '/v1/files/',
      `/v1/files/${unknown}/bytes`,
      '/v1//files',
    ]) {
      (await get(path)).refused(404);
    }
  });

  test('1.3 405 or 404: a known path with another method', async () => {
    for (const [method, path] of [
      ['PUT', '/v1/files'],
      ['PATCH', '/v1/batch/jobs'],
      ['DELETE', '/v1/batches'],
    ]) {
      (await exchange(method, path)).refused(404, 405);
    }
  });

  test('1.3 401: no key, a wrong key, a key of another form', async () => {
    const wrong = `bi_00000000_${'A'.repeat(43)}`;
    const forms = [
      {},
      { Authorization: `Bearer ${wrong}` },
      { Authorization: 'Bearer ' },
      { Authorization: service.key },
      { Authorization: `Basic ${Buffer.from(`:${service.key}`).toString('base64')}` },
      { Authorization: `Bearer ${service.key}x` },
      { 'x-api-key': wrong },
      { 'x-api-key': '' },
    ];
    for (const headers of forms) {
      for (const path of [
        '/v1/files',
        `/v1/files/${unknown}`,
        '/v1/batch/jobs',
        '/v1/batches',
        `/v1/batches/${unknown}`,
      ]) {
        const error = (await get(path, { auth: false, headers })).refused(401);
        assert.ok(!JSON.stringify(error).includes(service.key), 'a key is never echoed');
      }
    }
    (await exchange('POST', '/v1/batches', { auth: false, body: '{}' })).refused(401);
  });

  test('1.3 401: through both SDKs', async () => {
    const ours = await rejection(mistral(service, { apiKey: 'wrong' }).files.list());
    assert.equal(ours.statusCode, 401);
    const none = await rejection(mistral(service, { apiKey: undefined }).files.list());
    assert.equal(none.statusCode, 401);
    const theirs = await rejection(openai(service, { apiKey: 'wrong' }).files.list());
    assert.ok(theirs instanceof OpenAI.AuthenticationError);
    const absent = openai(service, { defaultHeaders: { Authorization: null } });
    assert.ok((await rejection(absent.files.list())) instanceof OpenAI.AuthenticationError);
  });

  test('1.3 413 or 400: a JSON body beyond all reason', async () => {
    const answer = await exchange('POST', '/v1/batches', {
      headers: {
        'Content-Type': 'application/json',
        'Content-Length': 2_000_000_000,
        Expect: '100-continue',
      },
    });
    answer.refused(400, 413);
  });

  test('1.3 types: those of the glossary', async () => {
    const types = [
      'invalid_request_error',
      'authentication_error',
      'rate_limit_error',
      'server_error',
    ];
    assert.equal(
      (await get('/v1/files', { auth: false })).refused(401).type,
      'authentication_error',
    );
    assert.ok(types.includes((await get(`/v1/files/${unknown}`)).refused(404).type));
    assert.equal((await postJson('/v1/batches', {})).refused(400).type, 'invalid_request_error');
  });
});

describe('4.1 Mistral SDK', { concurrency: 8 }, () => {
  test('4.1 parsing: every answer of the batch and file routes passes the schemas of the SDK', async () => {
    const client = mistral();
    const { id, output_file: fileId } = await finished();
    await client.files.list({ pageSize: 1000 });
    await client.files.retrieve({ fileId });
    await client.files.getSignedUrl({ fileId, expiry: 2 });
    await client.batch.jobs.list({ pageSize: 1000 });
    await client.batch.jobs.get({ jobId: id });
    await client.batch.jobs.get({ jobId: id, inline: true });
  });

  test('4.1 auth: a key that starts with Bearer already', async () => {
    const client = mistral(service, { apiKey: `Bearer ${service.key}` });
    assert.equal((await client.files.list()).object, 'list');
  });

  test('4.1 requests: x-api-key is accepted', async () => {
    (await get('/v1/batch/jobs', { auth: false, headers: { 'x-api-key': service.key } })).ok();
    (await get('/v1/files', { auth: false, headers: { 'X-API-Key': service.key } })).ok();
  });

  test('4.1 requests: ids are percent-encoded', async () => {
    const error = await rejection(mistral().files.retrieve({ fileId: 'a/b c' }));
    assert.equal(error.statusCode, 404);
    const file = await upload(jsonl([mistralLine('0')]));
    assert.equal((await get(`/v1/files/${file.id.replaceAll('-', '%2D')}`)).ok().id, file.id);
  });

  test('4.1 requests: gzip of JSON answers is optional and readable', async () => {
    const answer = await fetch(`${service.url}/v1/files`, {
      headers: { Authorization: `Bearer ${service.key}`, 'accept-encoding': 'gzip, deflate' },
    });
    assert.equal((await answer.json()).object, 'list');
  });

  test('4.1 requests: no answer claims a deprecated model', async () => {
    const answer = await get(`/v1/batch/jobs/${(await finished()).id}`);
    assert.equal(answer.headers['x-model-deprecation-timestamp'], undefined);
  });

  test('4.1 parsing: no redirect, no empty 200', async () => {
    for (const path of ['/v1/files', '/v1/batch/jobs', '/v1/batches']) {
      const answer = await get(path);
      assert.ok(answer.ok() && answer.bytes.length > 0);
    }
  });

  test('4.1 download: Content-Length or proper chunks make truncation visible', async () => {
    const answer = await get(`/v1/files/${(await finished()).output_file}/content`);
    const { 'content-length': length, 'transfer-encoding': encoding } = answer.headers;
    assert.ok(length === String(answer.bytes.length) || encoding === 'chunked');
  });
});

describe('4.2 OpenAI SDK', { concurrency: 8 }, () => {
  test('4.2 errors by status: code, param and type from the body', async () => {
    const error = await rejection(openai().batches.create({}));
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.equal(error.code, 'missing_required_parameter');
    assert.equal(typeof error.param, 'string');
    assert.equal(error.type, 'invalid_request_error');
    assert.ok((await rejection(openai().files.retrieve(unknown))) instanceof OpenAI.NotFoundError);
  });

  test('4.2 _request_id: from x-request-id, a new one each time', async () => {
    const { id } = await finished();
    const one = await openai().batches.retrieve(id);
    const again = await openai().batches.retrieve(id);
    assert.equal(typeof one._request_id, 'string');
    assert.notEqual(one._request_id, again._request_id);
    const error = await rejection(openai().files.retrieve(unknown));
    assert.equal(typeof error.requestID, 'string');
  });

  test('4.2 retries: a refusal for good is not tried again', async () => {
    for (const [call, status] of [
      [(client) => client.files.retrieve(unknown), 404],
      [(client) => client.batches.create({}), 400],
    ]) {
      let calls = 0;
      const client = openai(service, {
        fetch: (...request) => {
          calls++;
          return fetch(...request);
        },
      });
      assert.equal((await rejection(call(client))).status, status);
      assert.equal(calls, 1);
    }
  });

  test('2 headers: organization, project and x-stainless are accepted', async () => {
    const client = openai(service, { organization: 'org-1', project: 'proj-1' });
    const file = await client.files.create({
      file: new File([jsonl([openaiLine('0')])], 'x.jsonl'),
      purpose: 'batch',
    });
    const batch = await client.batches.create({
      input_file_id: file.id,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
    });
    assert.equal((await finishedJob(batch.id)).status, 'SUCCESS');
  });

  test('4.2 unknown parameters are ignored where they mean nothing', async () => {
    const file = await upload(jsonl([openaiLine('0')]));
    (await get(`/v1/files/${file.id}?whatever=1`)).ok();
    const job = await createJob([mistralLine('0')], { unheard_of: { a: [1] } });
    assert.equal((await finishedJob(job.id)).status, 'SUCCESS');
  });
});

describe('the wire', { concurrency: 8 }, () => {
  test('a JSON body in chunks without Content-Length', async () => {
    const file = await upload(jsonl([openaiLine('0')]));
    const text = JSON.stringify({
      input_file_id: file.id,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
    });
    const answer = await exchange('POST', '/v1/batches', {
      headers: { 'Content-Type': 'application/json; charset=utf-8' },
      body: [text.slice(0, 20), text.slice(20)],
    });
    assert.equal((await finishedJob(answer.ok().id)).status, 'SUCCESS');
  });

  test('curl --header of the documentation: Content-Type on a GET', async () => {
    (await get('/v1/batch/jobs', { headers: { 'Content-Type': 'application/json' } })).ok();
  });

  test('healthz, readyz, metrics and openapi.json need no key', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics', '/openapi.json']) {
      assert.equal((await get(path, { auth: false })).status, 200, path);
    }
  });

  test('progress: the numbers of the job and at most 300 points', async () => {
    const progress = (await get(`/v1/batch/jobs/${(await finished()).id}/progress`)).ok();
    assert.deepEqual(
      [progress.total, progress.completed, progress.failed, progress.in_flight],
      [2, 2, 1, 0],
    );
    assert.ok(Array.isArray(progress.points) && progress.points.length <= 300);
    assert.ok(progress.prompt_tokens > 0 && progress.completion_tokens > 0);
    assert.deepEqual(Object.values(progress.errors), [1]);
    const times = progress.points.map((point) => point.at);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
  });
});
