// The seventeen traps (section 0 of the contract), one check each.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import OpenAI, { toFile } from 'openai';
import {
  MISTRAL_ENDS,
  MISTRAL_STATUSES,
  OCTETS,
  chatBody,
  collected,
  countingOpenai,
  createBatch,
  createJob,
  eventually,
  exchange,
  failedBatch,
  finishedJob,
  get,
  ids,
  isUnixSeconds,
  jsonl,
  mistral,
  mistralLine,
  multipart,
  once,
  openai,
  openaiLine,
  postJson,
  readJob,
  resultLines,
  runBatch,
  runJob,
  sequence,
  service,
  unique,
  upload,
} from './support.mjs';

const chat = '/v1/chat/completions';
const model = 'mistral-small-latest';
const content = jsonl(sequence(2, (id) => mistralLine(id)));
const finished = once(() => runJob(content));
const slow = (count) => sequence(count, (id) => mistralLine(id, 'x [[latency:2s]]'));
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'traps-'));
after(() => fs.rmSync(folder, { recursive: true }));

describe('0 traps', { concurrency: 8 }, () => {
  test('trap 1: success is exactly status 200 and application/json, on every route of both APIs', async () => {
    const file = await upload(content);
    const job = await createJob(slow(100));
    const batch = await createBatch([openaiLine('0')]);
    for (const path of [
      '/v1/files',
      `/v1/files/${file.id}`,
      `/v1/files/${file.id}/url`,
      '/v1/batch/jobs',
      `/v1/batch/jobs/${job.id}`,
      `/v1/batch/jobs/${job.id}/progress`,
      '/v1/batches',
      `/v1/batches/${batch.id}`,
    ]) {
      (await get(path)).ok();
    }
    (await exchange('POST', `/v1/batch/jobs/${job.id}/cancel`)).ok();
    (await exchange('POST', `/v1/batches/${job.id}/cancel`)).ok();
    await finishedJob(job.id);
    (await exchange('DELETE', `/v1/batch/jobs/${job.id}`)).ok();
    (await exchange('DELETE', `/v1/files/${file.id}`)).ok();
  });

  test('trap 2: a download is status 200 and application/octet-stream', async () => {
    const job = await finished();
    for (const id of [job.output_file, job.input_files[0]]) {
      for (const accept of [OCTETS, 'application/binary', '*/*']) {
        const answer = await get(`/v1/files/${id}/content`, { headers: { Accept: accept } });
        assert.equal(answer.status, 200);
        assert.equal(answer.headers['content-type'], OCTETS);
      }
    }
    const stream = await mistral().files.download({ fileId: job.output_file });
    assert.ok((await collected(stream)).length > 0);
  });

  test('trap 3: content is never encoded, and result files are ASCII', async () => {
    const id = 'ключ-é-😀-日本';
    // The endpoint's answer has it again, in UTF-8.
    const echoed = 'modèle-日本-😀';
    const lines = [
      mistralLine(id, 'Répète: 日本 😀', { model: echoed }),
      mistralLine(`${id}-bad`, 'é [[fault:http_400]]', { user: 'naïve' }),
    ];
    const job = await runJob(lines);
    for (const [file, custom] of [
      [job.output_file, id],
      [job.error_file, `${id}-bad`],
    ]) {
      const answer = await get(`/v1/files/${file}/content`, {
        headers: { Accept: OCTETS, 'Accept-Encoding': 'gzip, deflate, br' },
      });
      assert.equal(answer.headers['content-encoding'], undefined);
      assert.ok(
        answer.bytes.every((byte) => byte < 128),
        'ASCII only',
      );
      assert.deepEqual([...(await resultLines(file)).keys()], [custom]);
    }
    const line = (await resultLines(job.output_file)).get(id);
    assert.equal(line.response.body.model, echoed);
    const signed = (await get(`/v1/files/${job.output_file}/url`)).ok();
    const download = await get(signed.url, {
      auth: false,
      headers: { 'Accept-Encoding': 'gzip, deflate, br' },
    });
    assert.equal(download.headers['content-encoding'], undefined);
    assert.equal(download.mediaType, OCTETS);
  });

  test('trap 3: a job with its outputs is ASCII too', async () => {
    const requests = [{ custom_id: 'é😀', body: chatBody('x', { model: 'modèle-日本' }) }];
    const job = (await postJson('/v1/batch/jobs', { endpoint: chat, requests })).ok();
    await finishedJob(job.id);
    const answer = await get(`/v1/batch/jobs/${job.id}`);
    assert.ok(answer.bytes.every((byte) => byte < 128));
    const [output] = answer.ok().outputs;
    assert.deepEqual([output.custom_id, output.response.body.model], ['é😀', 'modèle-日本']);
  });

  test('trap 4: total_requests is the number of lines from the first answer on', async () => {
    const job = await createJob(sequence(37, (id) => mistralLine(id)));
    assert.equal(job.total_requests, 37);
    await eventually('the job has ended', async () => {
      const now = await readJob(job.id);
      assert.equal(now.total_requests, 37);
      return MISTRAL_ENDS.includes(now.status) ? now : null;
    });
    const batch = await createBatch([openaiLine('0'), openaiLine('1')]);
    assert.equal((await readJob(batch.id)).total_requests, 2);
  });

  test('trap 5: completed_at is an integer after SUCCESS, FAILED and CANCELLED', async () => {
    const cancelled = await createJob(slow(100));
    (await exchange('POST', `/v1/batch/jobs/${cancelled.id}/cancel`)).ok();
    const failed = await failedBatch(['{"custom_id":"0"}']);
    const expected = [
      [(await finished()).id, 'SUCCESS'],
      [failed.id, 'FAILED'],
      [cancelled.id, 'CANCELLED'],
    ];
    for (const [id, status] of expected) {
      const job = await finishedJob(id);
      assert.equal(job.status, status);
      assert.ok(isUnixSeconds(job.completed_at), JSON.stringify(job));
      assert.ok(job.completed_at >= job.created_at);
    }
  });

  test('trap 6: every unknown query parameter of the job list is a metadata filter', async () => {
    const marker = unique();
    const job = await createJob(content, { metadata: { job_type: marker } });
    const bySdk = await mistral().batch.jobs.list({ metadata: { job_type: marker } });
    assert.deepEqual(ids(bySdk.data), [job.id]);
    const curl = (await get(`/v1/batch/jobs?job_type=${marker}`)).ok();
    assert.deepEqual(ids(curl.data), [job.id]);
    for (const unknown of [
      'other=1',
      'created_before=2020-01-01',
      'purpose=batch',
      'inline=true',
    ]) {
      const list = (await get(`/v1/batch/jobs?job_type=${marker}&${unknown}`)).ok();
      assert.deepEqual([list.total, list.data ?? []], [0, []], unknown);
    }
  });

  test('trap 7: one file object and one file list satisfy both SDKs', async () => {
    const name = unique('both');
    const ours = await mistral().files.upload({
      file: { fileName: `${name}-m.jsonl`, content: Buffer.from(content) },
      purpose: 'batch',
    });
    const theirs = await openai().files.create({
      file: await toFile(Buffer.from(content), `${name}-o.jsonl`),
      purpose: 'batch',
    });
    assert.equal((await openai().files.retrieve(ours.id)).status, 'processed');
    assert.equal(
      (await mistral().files.retrieve({ fileId: theirs.id })).sampleType,
      'batch_request',
    );
    const listed = await mistral().files.list({ search: name });
    assert.deepEqual(new Set(ids(listed.data)), new Set([ours.id, theirs.id]));
    const seen = new Set();
    for await (const file of openai().files.list({ limit: 1000 })) {
      seen.add(file.id);
    }
    assert.ok(seen.has(ours.id) && seen.has(theirs.id));
  });

  test('trap 8: errors [], input_files, status, created_at, four counters and integer bytes are always there', async () => {
    const job = await createJob(content);
    assert.deepEqual(job.errors, []);
    const list = (await get('/v1/batch/jobs')).ok();
    for (const item of [job, ...list.data]) {
      assert.ok(
        Array.isArray(item.errors) && Array.isArray(item.input_files),
        JSON.stringify(item),
      );
      assert.ok(
        MISTRAL_STATUSES.includes(item.status) && isUnixSeconds(item.created_at),
        JSON.stringify(item),
      );
      for (const counter of ['total', 'completed', 'succeeded', 'failed']) {
        assert.ok(Number.isInteger(item[`${counter}_requests`]), JSON.stringify(item));
      }
    }
    assert.ok((await get('/v1/files')).ok().data.every((file) => Number.isInteger(file.bytes)));
  });

  test('trap 9: GET /v1/files/{id} has a boolean deleted', async () => {
    const file = await upload(content);
    assert.strictEqual((await get(`/v1/files/${file.id}`)).ok().deleted, false);
    assert.strictEqual((await mistral().files.retrieve({ fileId: file.id })).deleted, false);
  });

  test("trap 10: the docs' TS inline example loses its ids; missing and null custom_id are accepted", async () => {
    const lost = await mistral().batch.jobs.create({
      requests: [
        { custom_id: '0', body: chatBody('What is the best French cheese?') },
        { custom_id: '1', body: chatBody('What is the best French wine?') },
      ],
      endpoint: chat,
      model,
    });
    const none = (
      await postJson('/v1/batch/jobs', {
        endpoint: chat,
        model,
        requests: [{ custom_id: null, body: chatBody('x') }],
      })
    ).ok();
    const unnamed = await finishedJob(lost.id);
    assert.equal(unnamed.succeeded_requests, 2);
    assert.deepEqual(
      unnamed.outputs.map((output) => output.custom_id),
      [null, null],
    );
    const job = await finishedJob(none.id);
    assert.equal(job.succeeded_requests, 1);
    assert.equal(job.outputs.length, 1);
  });

  test('trap 11: uploads without Content-Length, the file before and after the purpose', async () => {
    const file = path.join(folder, 'streamed.jsonl');
    fs.writeFileSync(file, content);
    const lazily = await openai().files.create({
      file: fs.createReadStream(file),
      purpose: 'batch',
    });
    assert.equal(lazily.filename, 'streamed.jsonl');
    assert.equal(lazily.bytes, Buffer.byteLength(content));
    const parts = [
      ['file', content, { filename: 'a.jsonl', type: OCTETS }],
      ['purpose', 'batch'],
    ];
    for (const order of [parts, parts.toReversed()]) {
      const form = multipart(order);
      const pieces = [
        form.body.subarray(0, 1),
        form.body.subarray(1, 150),
        form.body.subarray(150),
      ];
      const answer = await exchange('POST', '/v1/files', {
        headers: { 'Content-Type': form.type },
        body: pieces,
      });
      const stored = answer.ok();
      assert.equal(stored.purpose, 'batch');
      assert.equal((await get(`/v1/files/${stored.id}/content`)).text, content);
    }
  });

  test('trap 11: uploads of many MB are stored whole, in any order of parts, chunked or not', async () => {
    const text = jsonl(sequence(40_000, (id) => mistralLine(id, 'Whole? '.repeat(10))));
    const parts = [
      ['file', text, { filename: 'whole.jsonl', type: OCTETS }],
      ['purpose', 'batch'],
    ];
    for (let round = 0; round < 4; round++) {
      const form = multipart(round % 2 === 0 ? parts : parts.toReversed());
      const body =
        round < 2
          ? form.body
          : sequence(60, (_, i) => form.body.subarray(i * 2 ** 17, (i + 1) * 2 ** 17));
      const headers = { 'Content-Type': form.type };
      assert.ok(form.body.length < 60 * 2 ** 17);
      const file = (await exchange('POST', '/v1/files', { headers, body })).ok();
      assert.deepEqual([file.bytes, file.num_lines], [text.length, 40_000], `round ${round}`);
      assert.ok((await get(`/v1/files/${file.id}/content`)).text === text);
    }
    const file = path.join(folder, 'whole.jsonl');
    fs.writeFileSync(file, text);
    for (let round = 0; round < 4; round++) {
      const stored = await openai().files.create({
        file: fs.createReadStream(file),
        purpose: 'batch',
      });
      assert.equal(stored.bytes, text.length);
      const ours = await mistral().files.upload({
        file: { fileName: 'whole.jsonl', content: fs.readFileSync(file) },
        purpose: 'batch',
      });
      assert.equal(ours.sizeBytes, text.length);
    }
  });

  test('trap 12: cancelling a finished batch is a 409 that the SDK does not try again', async () => {
    const batch = await runBatch([openaiLine('0')]);
    let calls = 0;
    const counting = openai(service, {
      fetch: (...request) => {
        calls++;
        return fetch(...request);
      },
    });
    await assert.rejects(counting.batches.cancel(batch.id), OpenAI.ConflictError);
    assert.equal(calls, 1);
    const answer = await exchange('POST', `/v1/batches/${batch.id}/cancel`);
    answer.refused(409);
    assert.equal(answer.headers['x-should-retry'], 'false');
  });

  test('trap 12: the other refusals with 409 are not tried again either', async () => {
    const failed = await failedBatch(['{"custom_id":"0"}']);
    const busy = await createJob(slow(10));
    const file = await upload(jsonl([openaiLine('0')]));
    const request = { input_file_id: file.id, endpoint: chat, completion_window: '24h' };
    const again = { headers: { 'Idempotency-Key': unique() } };
    const first = await openai().batches.create(request, again);
    for (const call of [
      (client) => client.batches.cancel(failed.id),
      (client) => client.files.delete(busy.input_files[0]),
      (client) => client.batches.create({ ...request, metadata: { other: 'yes' } }, again),
    ]) {
      const counted = countingOpenai();
      await assert.rejects(call(counted.client), OpenAI.ConflictError);
      assert.equal(counted.calls, 1);
    }
    const running = await exchange('DELETE', `/v1/batch/jobs/${busy.id}`);
    running.refused(409);
    assert.equal(running.headers['x-should-retry'], 'false');
    assert.equal((await openai().batches.create(request, again)).id, first.id);
    (await exchange('POST', `/v1/batch/jobs/${busy.id}/cancel`)).ok();
    await finishedJob(busy.id);
  });

  test('trap 13: polling with many connections at once never meets anything but a 200', async () => {
    const job = await createJob(sequence(200, (id) => mistralLine(id, 'x [[latency:50ms]]')));
    const client = mistral();
    let polls = 0;
    await Promise.all(
      sequence(16, () =>
        eventually('the job has ended', async () => {
          polls++;
          const now = await client.batch.jobs.get({ jobId: job.id });
          return MISTRAL_ENDS.includes(now.status) ? now : null;
        }),
      ),
    );
    assert.ok(polls >= 16);
  });

  test('trap 13: a connection outlives the longest time for which a client keeps it between polls', async () => {
    // Python's clients give one up after 5 s, Node's after 4 s; the one who closes first meets no reset.
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const poll = () =>
      new Promise((resolve, reject) => {
        const headers = { Authorization: `Bearer ${service.key}` };
        const request = http.get(`${service.url}/v1/batch/jobs?page_size=1`, { agent, headers });
        request.on('error', reject);
        request.on('response', (response) => {
          response.resume();
          response.on('end', () => resolve([response.statusCode, request.reusedSocket]));
        });
      });
    try {
      assert.deepEqual(await poll(), [200, false]);
      await pause(6000);
      assert.deepEqual(await poll(), [200, true]);
    } finally {
      agent.destroy();
    }
  });

  test('trap 14: 64 MB leave the server within seconds, as a download and by the signed URL', async () => {
    const line = JSON.stringify(mistralLine('0', 'x'.repeat(1_000_000))) + '\n';
    const file = await upload(line.repeat(64), { filename: 'large.jsonl' });
    assert.equal(file.bytes, 64 * line.length);
    const start = performance.now();
    const stream = await mistral().files.download({ fileId: file.id });
    let length = 0;
    for await (const chunk of stream) {
      length += chunk.length;
    }
    const { url } = await mistral().files.getSignedUrl({ fileId: file.id });
    assert.equal((await get(url, { auth: false })).bytes.length, length);
    assert.equal(length, file.bytes);
    assert.ok(performance.now() - start < 20_000);
    await mistral().files.delete({ fileId: file.id });
  });

  test('trap 15: an empty cookie header, and a JSON type over an empty body on cancel', async () => {
    (await get('/v1/files', { headers: { cookie: '' } })).ok();
    const job = await createJob(slow(100));
    const headers = { 'Content-Type': 'application/json', 'Content-Length': '0', cookie: '' };
    (await exchange('POST', `/v1/batches/${job.id}/cancel`, { headers })).ok();
    (await exchange('POST', `/v1/batch/jobs/${job.id}/cancel`, { headers })).ok();
    assert.equal((await finishedJob(job.id)).status, 'CANCELLED');
  });

  test('trap 16: what the OpenAI SDK reads is an object, never a string', async () => {
    const client = openai();
    const file = await client.files.create({
      file: await toFile(Buffer.from(jsonl([openaiLine('0')])), 'x.jsonl'),
      purpose: 'batch',
    });
    const batch = await client.batches.create({
      input_file_id: file.id,
      endpoint: chat,
      completion_window: '24h',
    });
    assert.equal(typeof file.id, 'string');
    assert.equal(typeof batch.id, 'string');
    assert.equal((await client.batches.retrieve(batch.id)).id, batch.id);
    assert.equal(typeof (await client.batches.list()).data[0].id, 'string');
    assert.equal((await client.files.delete((await upload(content)).id)).deleted, true);
  });

  test('trap 17: a lone status=RUNNING works, with x-api-key too, and no eighth status appears', async () => {
    const marker = unique();
    const job = await createJob(slow(100), { metadata: { job_type: marker } });
    await eventually('the job runs', async () =>
      (await readJob(job.id)).status === 'RUNNING' ? true : null,
    );
    const curl = (
      await get(`/v1/batch/jobs?status=RUNNING&job_type=${marker}`, {
        auth: false,
        headers: { 'x-api-key': service.key, 'Content-Type': 'application/json' },
      })
    ).ok();
    assert.deepEqual(ids(curl.data), [job.id]);
    (await exchange('POST', `/v1/batch/jobs/${job.id}/cancel`)).ok();
    assert.equal((await get(`/v1/batch/jobs?status=RUNNING&job_type=${marker}x`)).ok().total, 0);
    await finishedJob(job.id);
    for (const item of (await get('/v1/batch/jobs?page_size=1000')).ok().data) {
      assert.ok(MISTRAL_STATUSES.includes(item.status), item.status);
    }
    for (const status of MISTRAL_STATUSES) {
      for (const item of (await get(`/v1/batch/jobs?status=${status}`)).ok().data) {
        assert.equal(item.status, status);
      }
    }
    const paused = await get('/v1/batch/jobs?status=PAUSED');
    if (paused.status === 200) {
      assert.equal(paused.json.total, 0);
    } else {
      paused.refused(400, 422);
    }
  });
});
