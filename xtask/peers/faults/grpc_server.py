"""A gRPC service of bytes that writes down what it does. SIGTERM stops it as grpcio stops: GOAWAY, and the calls in
hand end.

LISTEN LEDGER WORK_MS
"""

import json
import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import grpc

listen, path, work_ms = sys.argv[1:]
ledger = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
stop = threading.Event()


def act(request, context):
    name = dict(context.invocation_metadata())["x-id"]
    os.write(ledger, f"act {name}\n".encode())
    time.sleep(int(work_ms) / 1000)
    return request


server = grpc.server(ThreadPoolExecutor(64), options=(("grpc.so_reuseport", 0),))
# No serializer: a message is its bytes.
methods = {"Act": grpc.unary_unary_rpc_method_handler(act)}
server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("faults.Peer", methods),))
server.add_insecure_port(listen)
signal.signal(signal.SIGTERM, lambda *_: stop.set())
server.start()
print(json.dumps({"listening": listen}), flush=True)
stop.wait()
server.stop(5).wait()
