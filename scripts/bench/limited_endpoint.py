"""An endpoint with limits that counts for itself: limited_endpoint.py [--port N] [--slots N] ... LOG

Answers POST as an OpenAI-shaped chat endpoint. Every request becomes one line of LOG when it ends:
arrival and end in seconds since the epoch, status, tokens, and the row: an id like req-0000000 in its text, or a hash of its body.
POST /control with JSON changes settings while it runs, GET /counts tells what it has seen.

  --slots N      requests worked on at once (0: any number)
  --queue N      requests that may wait for a slot; one more gets 503 (-1: any number)
  --service S    seconds that a request takes in its slot
  --rate N       requests admitted in each one-second window, the rest get 429 with Retry-After: 1
  --tokens N     tokens per minute; the window is 60 s
  --charge WHEN  admission (prompt and max_tokens) or completion (what the answer used)
  --status N     answer everything with that status
"""
import argparse, asyncio, hashlib, json, re, time

ID = re.compile(rb"req-\d+")


class Endpoint:
    def __init__(self, settings, log):
        self.s = settings
        self.log = log
        self.running = 0
        self.waiting = []
        self.window = self.minute = 0
        self.in_window = self.in_minute = 0
        self.seen = {}
        self.statuses = {}

    def allows(self, cost):
        now = time.time()
        if self.s.rate:
            if int(now) != self.window:
                self.window, self.in_window = int(now), 0
            self.in_window += 1
            if self.in_window > self.s.rate:
                return False
        if self.s.tokens:
            if int(now / 60) != self.minute:
                self.minute, self.in_minute = int(now / 60), 0
            if self.in_minute + (cost if self.s.charge == "admission" else 0) > self.s.tokens:
                return False
            if self.s.charge == "admission":
                self.in_minute += cost
        return True

    async def slot(self):
        if not self.s.slots or self.running < self.s.slots:
            self.running += 1
            return True
        if 0 <= self.s.queue <= len(self.waiting):
            return False
        turn = asyncio.get_running_loop().create_future()
        self.waiting.append(turn)
        await turn
        return True

    def free(self):
        self.running -= 1
        while self.waiting and (not self.s.slots or self.running < self.s.slots):
            self.running += 1
            self.waiting.pop(0).set_result(None)

    async def answer(self, body):
        arrived = time.time()
        found = ID.search(body)
        row = found.group().decode() if found else hashlib.sha256(body).hexdigest()[:16]
        self.seen[row] = self.seen.get(row, 0) + 1
        prompt = len(body) // 4
        request = json.loads(body)
        most = request.get("max_tokens") or 128
        digest = hashlib.sha256(row.encode()).digest()
        # Answers of very different length: a tenth of what is allowed, often; all of it, at times.
        used = max(1, most * (digest[0] % 10 + 1) // 10 if digest[1] % 4 == 0 else most // 10)
        headers, tokens = "", 0
        if self.s.status:
            status = self.s.status
        elif not self.allows(prompt + most):
            status, headers = 429, "Retry-After: 1\r\n"
        elif not await self.slot():
            status = 503
        else:
            status, tokens = 200, prompt + used
            await asyncio.sleep(self.s.service)
            self.free()
            if self.s.tokens and self.s.charge == "completion":
                self.in_minute += tokens
        self.statuses[status] = self.statuses.get(status, 0) + 1
        print("%.6f %.6f %d %d %s" % (arrived, time.time(), status, tokens, row), file=self.log)
        if status == 200:
            text = {"id": "chatcmpl-" + row, "object": "chat.completion", "model": "bench-model",
                    "choices": [{"index": 0, "message": {"role": "assistant", "content": "answer to " + row},
                                 "finish_reason": "stop"}],
                    "usage": {"prompt_tokens": prompt, "completion_tokens": used,
                              "total_tokens": tokens}}
        else:
            code = {401: "invalid_api_key", 404: "model_not_found"}.get(status)
            text = {"error": {"message": "status %d" % status, "type": "error", "param": None, "code": code}}
        return status, headers, json.dumps(text).encode()

    async def connection(self, reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
                body = await reader.readexactly(int(length.group(1))) if length else b""
                if head.startswith(b"POST /control"):
                    for key, value in json.loads(body).items():
                        setattr(self.s, key, value)
                    while self.waiting and (not self.s.slots or self.running < self.s.slots):
                        self.running += 1
                        self.waiting.pop(0).set_result(None)
                    status, headers, out = 200, "", b"{}"
                elif head.startswith(b"GET /counts"):
                    self.log.flush()
                    status, headers = 200, ""
                    out = json.dumps({"statuses": self.statuses, "rows": len(self.seen), "received": sum(self.seen.values()),
                                      "running": self.running, "waiting": len(self.waiting)}).encode()
                else:
                    status, headers, out = await self.answer(body)
                writer.write(("HTTP/1.1 %d OK\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n" %
                              (status, headers, len(out))).encode() + out)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=18490)
    parser.add_argument("--slots", type=int, default=0)
    parser.add_argument("--queue", type=int, default=-1)
    parser.add_argument("--service", type=float, default=0.3)
    parser.add_argument("--rate", type=int, default=0)
    parser.add_argument("--tokens", type=int, default=0)
    parser.add_argument("--charge", choices=["admission", "completion"], default="admission")
    parser.add_argument("--status", type=int, default=0)
    parser.add_argument("log")
    settings = parser.parse_args()
    with open(settings.log, "a", buffering=1) as log:
        endpoint = Endpoint(settings, log)
        server = await asyncio.start_server(endpoint.connection, "127.0.0.1", settings.port, backlog=1024, limit=1 << 20)
        print("ready", flush=True)
        try:
            async with server:
                await server.serve_forever()
        finally:
            log.flush()


asyncio.run(main())
