"""Writes deterministic requests: make_input.py ROWS BODY_BYTES FILE.

Every line is an OpenAI batch line whose body has about BODY_BYTES bytes.
"""

import json
import random
import sys

WORDS = "harvest bridge lantern copper window paper garden signal winter market stone river".split()


def main():
    rows, body_bytes, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    with open(path, "w") as out:
        for row in range(rows):
            out.write(line(row, body_bytes) + "\n")


def line(row, body_bytes):
    choices = random.Random(row).choices(WORDS, k=min(body_bytes, 1024) // 6)
    text = " ".join(choices)
    wanted = max(1, body_bytes - 220)
    text = (text + " ") * (wanted // (len(text) + 1) + 1)
    body = {
        "model": "bench-model",
        "messages": [
            {"role": "system", "content": "You answer in one paragraph."},
            {"role": "user", "content": f"Document {row}: {text[:wanted]}"},
        ],
        "max_tokens": 128,
        "temperature": 0,
    }
    request = {
        "custom_id": f"row-{row:08d}",
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": body,
    }
    return json.dumps(request, separators=(",", ":"))


main()
