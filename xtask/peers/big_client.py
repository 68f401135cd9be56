"""big_client.py PORT HOST BYTES: sends a body of so many bytes and gets one, both with their SHA-256."""

import hashlib
import http.client
import json
import sys
from random import Random

PIECE = Random(7).randbytes(1 << 20)
PORT, HOST, BYTES = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])


def pieces(digest):
    for number in range(BYTES >> 20):
        piece = number.to_bytes(8, "big") + PIECE[8:]
        digest.update(piece)
        yield piece


def say(case, saw):
    print(json.dumps({"case": case, "saw": saw}, ensure_ascii=False), flush=True)


def connection():
    return http.client.HTTPConnection("127.0.0.1", PORT, timeout=120)


up, sent = connection(), hashlib.sha256()
up.request("POST", "/", body=pieces(sent), headers={"host": HOST, "content-length": str(BYTES)})
answer = up.getresponse()
got = answer.read().decode()
say("up", f"{answer.status}, sent {sent.hexdigest()[:16]}…, the service got {got[:16]}…")

down, digest, length = connection(), hashlib.sha256(), 0
down.request("GET", f"/{BYTES}", headers={"host": HOST})
answer = down.getresponse()
while piece := answer.read1(len(PIECE)):
    digest.update(piece)
    length += len(piece)
say("down", f"{answer.status}, {length} bytes, {digest.hexdigest()[:16]}…")
