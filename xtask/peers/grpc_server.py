"""A gRPC service of bytes: every kind of call, without generated code."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
from google.protobuf import any_pb2, wrappers_pb2
from google.rpc import status_pb2
from grpc_status import rpc_status

# Calls by their name that the client cancelled, or whose deadline passed.
CANCELLED = {}
LOCK = threading.Lock()


def noticed(name):
    with LOCK:
        return CANCELLED.setdefault(name, threading.Event())


def unary(request, context):
    given = dict(context.invocation_metadata())
    context.send_initial_metadata((("x-initial", given.get("x-one", "")), ("x-bytes-bin", b"\0\xff")))
    context.set_trailing_metadata((("x-trailing", given.get("x-one", "")),))
    return request[::-1]


def count(request, _context):
    for number in range(int(request)):
        yield b"%d" % number


def join(requests, _context):
    return b",".join(requests)


def echo(requests, _context):
    yield from requests


def fail(_request, context):
    detail = any_pb2.Any()
    detail.Pack(wrappers_pb2.StringValue(value="seat 12A"))
    status = status_pb2.Status(code=9, message="매진: 100 % full\n", details=[detail])
    # What `abort_with_status` would do, with metadata beside the details.
    context.set_trailing_metadata((("x-trailing", "1"), *rpc_status.to_status(status).trailing_metadata))
    context.abort(grpc.StatusCode.FAILED_PRECONDITION, status.message)


def fail_late(_request, context):
    yield b"one"
    yield b"two"
    context.set_trailing_metadata((("x-trailing", "late"),))
    context.abort(grpc.StatusCode.ABORTED, "after two")


def slow(request, context):
    event = noticed(request)
    context.add_callback(event.set)
    yield b"begun"
    event.wait(10)


def was_cancelled(request, _context):
    return b"yes" if noticed(request).wait(5) else b"no"


def time_left(_request, context):
    return b"%d" % (context.time_remaining() * 1000)


def handler(kind, function):
    # No serializer: a message is its bytes.
    return getattr(grpc, f"{kind}_rpc_method_handler")(function)


METHODS = {
    "Unary": handler("unary_unary", unary),
    "Count": handler("unary_stream", count),
    "Join": handler("stream_unary", join),
    "Echo": handler("stream_stream", echo),
    "Fail": handler("unary_unary", fail),
    "FailLate": handler("unary_stream", fail_late),
    "Slow": handler("unary_stream", slow),
    "WasCancelled": handler("unary_unary", was_cancelled),
    "TimeLeft": handler("unary_unary", time_left),
}
server = grpc.server(
    ThreadPoolExecutor(32),
    options=(("grpc.max_receive_message_length", 8 << 20), ("grpc.so_reuseport", 0)),
)
server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("conform.Peer", METHODS),))
port = server.add_insecure_port("127.0.0.1:0")
server.start()
print(json.dumps({"listening": port}), flush=True)
while True:
    time.sleep(60)
