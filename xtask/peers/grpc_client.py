"""grpc_client.py PORT direct|authority|metadata: what a grpcio client sees."""

import json
import os
import sys
import threading

import grpc
from google.protobuf import wrappers_pb2
from grpc_status import rpc_status

PORT, HOW = sys.argv[1], sys.argv[2]
ALWAYS = (("ondol-target", "grpcdemo"),) if HOW == "metadata" else ()
OPTIONS = [
    ("grpc.enable_http_proxy", 0),
    ("grpc.max_receive_message_length", 8 << 20),
]
if HOW == "authority":
    OPTIONS.append(("grpc.default_authority", "grpcdemo"))
CHANNEL = grpc.insecure_channel(f"127.0.0.1:{PORT}", options=OPTIONS)
# No call may last longer than this, whatever goes wrong.
LONG = 8


def call(kind, method):
    return getattr(CHANNEL, kind)(f"/conform.Peer/{method}")


def error_of(call):
    try:
        call()
    except grpc.RpcError as error:
        return error
    raise AssertionError("it did not fail")


def unary():
    answer, rpc = call("unary_unary", "Unary").with_call(
        b"abc", metadata=(*ALWAYS, ("x-one", "1")), timeout=LONG
    )
    initial, trailing = dict(rpc.initial_metadata()), dict(rpc.trailing_metadata())
    return f"{answer} {initial['x-initial']} {initial['x-bytes-bin']} {trailing['x-trailing']} {rpc.code().name}"


def unary_4_mib():
    answer = call("unary_unary", "Unary")(b"a" + bytes(4 << 20), metadata=ALWAYS, timeout=LONG)
    return f"{len(answer)} bytes, {answer[-1:]}"


def unary_gzip():
    answer = call("unary_unary", "Unary")(
        b"abc" * 1000, metadata=ALWAYS, timeout=LONG, compression=grpc.Compression.Gzip
    )
    return f"{len(answer)} bytes, {answer[:3]}"


def server_streaming():
    numbers = list(call("unary_stream", "Count")(b"1000", metadata=ALWAYS, timeout=LONG))
    return f"{len(numbers)} messages, in order: {numbers == [b'%d' % number for number in range(1000)]}"


def client_streaming():
    messages = (b"%d" % number for number in range(1000))
    answer = call("stream_unary", "Join")(messages, metadata=ALWAYS, timeout=LONG)
    return f"{answer.count(b',') + 1} messages, the last is {answer[-3:]}"


def bidirectional():
    # The next message is sent when the answer to the last has come: held back in between, this never ends.
    turn = threading.Semaphore(1)

    def messages():
        for number in range(100):
            turn.acquire()
            yield b"%d" % number

    saw = 0
    for answer in call("stream_stream", "Echo")(messages(), metadata=ALWAYS, timeout=LONG):
        saw += answer == b"%d" % saw
        turn.release()
    return f"{saw} in turn"


def error_with_details():
    error = error_of(lambda: call("unary_unary", "Fail")(b"", metadata=ALWAYS, timeout=LONG))
    value = wrappers_pb2.StringValue()
    rpc_status.from_call(error).details[0].Unpack(value)
    trailing = dict(error.trailing_metadata())["x-trailing"]
    return f"{error.code().name} {error.details()!r} {value.value} {trailing}"


def error_after_messages():
    rpc, saw = call("unary_stream", "FailLate")(b"", metadata=ALWAYS, timeout=LONG), []
    try:
        for message in rpc:
            saw.append(message)
    except grpc.RpcError as error:
        return f"{saw} {error.code().name} {error.details()} {dict(error.trailing_metadata())['x-trailing']}"
    return "no error"


def no_such_method():
    error = error_of(lambda: call("unary_unary", "Nothing")(b"", metadata=ALWAYS, timeout=LONG))
    return error.code().name


def noticed(name):
    return call("unary_unary", "WasCancelled")(name, metadata=ALWAYS, timeout=LONG)


def deadline():
    name = os.urandom(8)
    error = error_of(lambda: list(call("unary_stream", "Slow")(name, metadata=ALWAYS, timeout=0.4)))
    return f"{error.code().name}; the server noticed: {noticed(name)}"


def deadline_told():
    left = int(call("unary_unary", "TimeLeft")(b"", metadata=ALWAYS, timeout=5))
    # grpcio rounds up what it sends.
    return f"of 5 s the server has between 4 and 5.5: {4_000 <= left <= 5_500}"


def cancel():
    name = os.urandom(8)
    rpc = call("unary_stream", "Slow")(name, metadata=ALWAYS, timeout=LONG)
    first = next(rpc)
    rpc.cancel()
    return f"{first} {rpc.code().name}; the server noticed: {noticed(name)}"


for case in (
    unary, unary_4_mib, unary_gzip, server_streaming, client_streaming, bidirectional, error_with_details,
    error_after_messages, no_such_method, deadline, deadline_told, cancel,
):
    print(json.dumps({"case": case.__name__.replace("_", " "), "saw": case()}, ensure_ascii=False), flush=True)
