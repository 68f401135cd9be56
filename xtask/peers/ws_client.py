"""ws_client.py PORT HOST: what a WebSocket client sees."""

import asyncio
import hashlib
import json
import sys

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

PORT, HOST = int(sys.argv[1]), sys.argv[2]


def open_(path, **more):
    return connect(
        f"ws://{HOST}{path}", host="127.0.0.1", port=PORT, proxy=None, max_size=8 << 20, **more
    )


def digest(message):
    data = message.encode() if isinstance(message, str) else message
    return f"{type(message).__name__} {len(data)} bytes {hashlib.sha256(data).hexdigest()[:16]}…"


async def echoed(*messages, **more):
    saw = []
    async with open_("/echo", **more) as socket:
        for message in messages:
            await socket.send(message)
            saw.append(digest(await socket.recv()))
    return ", ".join(saw)


async def text():
    return await echoed("hello", "안녕하세요", "")


async def binary():
    return await echoed(bytes(range(256)), b"")


async def mebibyte():
    block = bytes(range(251)) * 4_178
    return await echoed(block[: 1 << 20], block[: 1 << 20].hex()[: 1 << 20])


async def uncompressed():
    return await echoed(b"\0" * 100_000, compression=None)


async def fragments():
    return await echoed(["one ", "two ", "three"])


async def ping():
    async with open_("/echo") as socket:
        await asyncio.wait_for(await socket.ping(b"abc"), 5)
    async with open_("/ping") as socket:
        return f"the server's pong came, {await socket.recv()}"


async def headers():
    async with open_("/header?a=%2F", additional_headers={"x-one": "1"}, subprotocols=["chat"]) as socket:
        return f"{await socket.recv()} {socket.subprotocol}"


async def client_closes():
    async with open_("/why") as socket:
        await socket.close(4001, "the client is done ✓")
        saw = f"{socket.close_code} {socket.close_reason}"
    async with open_("/told") as socket:
        return f"{saw}; the server saw {await socket.recv()}"


async def server_closes():
    return await closed("/close")


async def server_drops():
    return await closed("/drop")


async def closed(path):
    async with open_(path) as socket:
        await socket.send("go")
        try:
            return f"a message: {await asyncio.wait_for(socket.recv(), 5)}"
        except ConnectionClosed:
            return f"{socket.close_code} {socket.close_reason}"


async def many():
    return f"{len(set(await asyncio.gather(*(echoed(str(number)) for number in range(50)))))} different ones"


async def main():
    for case in (
        text, binary, mebibyte, uncompressed, fragments, ping, headers, client_closes, server_closes,
        server_drops, many,
    ):
        print(json.dumps({"case": case.__name__.replace("_", " "), "saw": await case()}, ensure_ascii=False), flush=True)


asyncio.run(main())
