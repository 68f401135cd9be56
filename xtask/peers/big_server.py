"""Takes a body of any size (POST) and tells its SHA-256, or gives one (GET /SIZE)."""

import hashlib
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random

PIECE = Random(7).randbytes(1 << 20)


class Big(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        left, digest = int(self.headers["content-length"]), hashlib.sha256()
        while left:
            piece = self.rfile.read1(min(left, len(PIECE)))
            if not piece:
                return
            left -= len(piece)
            digest.update(piece)
        told = digest.hexdigest().encode()
        self.send_response(200)
        self.send_header("content-length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def do_GET(self):
        size = int(self.path.strip("/"))
        self.send_response(200)
        self.send_header("content-length", str(size))
        self.end_headers()
        # Each mebibyte begins with its number, so that one in the wrong place is noticed.
        for number in range(size >> 20):
            self.wfile.write(number.to_bytes(8, "big") + PIECE[8:])

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Big)
server.daemon_threads = True
print(json.dumps({"listening": server.server_address[1]}), flush=True)
server.serve_forever()
