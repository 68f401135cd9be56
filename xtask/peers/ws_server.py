"""WebSocket: an echo; `/close` closes by itself, `/drop` breaks the connection off."""

import asyncio
import json

from websockets.asyncio.server import serve


async def answer(socket):
    path = socket.request.path
    if path == "/close":
        await socket.recv()
        await socket.close(4002, "the server is done ✓")
    elif path == "/drop":
        await socket.recv()
        socket.transport.abort()
    elif path == "/ping":
        seconds = await asyncio.wait_for(await socket.ping(b"from the server"), 5)
        await socket.send("the client's pong came" if seconds >= 0 else "?")
    elif path == "/why":
        await socket.wait_closed()
        WHY.append(f"{socket.close_code} {socket.close_reason}")
    elif path == "/told":
        await asyncio.sleep(0.1)
        await socket.send(WHY.pop() if WHY else "nothing")
    elif path.startswith("/header"):
        await socket.send(f"{path} {socket.request.headers.get('x-one')} {socket.subprotocol}")
    else:
        async for message in socket:
            await socket.send(message)


WHY = []


async def main():
    def choose(_socket, offered):
        return "chat" if "chat" in offered else None

    async with serve(answer, "127.0.0.1", 0, max_size=8 << 20, select_subprotocol=choose) as server:
        print(json.dumps({"listening": server.sockets[0].getsockname()[1]}), flush=True)
        await server.serve_forever()


asyncio.run(main())
