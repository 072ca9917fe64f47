"""What one would write by hand: aiohttp_client.py INPUT OUTPUT URL CONCURRENCY.

So many workers take lines from one iterator, try again on 429, 5xx and lost connections, and
write results as they come: no order, no journal, no resume, no proof.
"""

import asyncio
import json
import random
import sys

import aiohttp

ATTEMPTS = 6


async def main():
    source, target, url, concurrency = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    connector = aiohttp.TCPConnector(limit=concurrency)
    timeout = aiohttp.ClientTimeout(total=None)
    with open(source) as lines, open(target, "w") as out:
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            rows = iter(lines)
            workers = (work(session, url, rows, out) for _ in range(concurrency))
            await asyncio.gather(*workers)


async def work(session, url, rows, out):
    for row in rows:
        request = json.loads(row)
        status, text = await send(session, url, json.dumps(request["body"]))
        result = {
            "custom_id": request["custom_id"],
            "response": {"status_code": status, "body": json.loads(text)},
            "error": None,
        }
        out.write(json.dumps(result) + "\n")


async def send(session, url, body):
    headers = {"Content-Type": "application/json"}
    for attempt in range(ATTEMPTS):
        last = attempt == ATTEMPTS - 1
        pause = min(2**attempt, 30)
        try:
            async with session.post(url, data=body, headers=headers) as response:
                text = await response.text()
                again = response.status == 429 or response.status >= 500
                if last or not again:
                    return response.status, text
                pause = float(response.headers.get("Retry-After", pause))
        except aiohttp.ClientError as failure:
            if last:
                return 0, json.dumps({"error": {"message": str(failure)}})
        await asyncio.sleep(pause + random.random() * 0.5)


asyncio.run(main())
