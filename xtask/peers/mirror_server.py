"""Tells the bytes of the request that it got; or answers with exactly the bytes that are the body of `POST /answer`,
and closes: at once, a moment later for `/answer-and-wait`, and not at all for `/answer-and-stay`.

Written on sockets, so that nothing between the wire and what is compared puts anything right."""

import json
import socketserver
import time


class Mirror(socketserver.StreamRequestHandler):
    def handle(self):
        while (head := self.head()) is not None:
            body = self.body(head)
            target = head.split(b" ")[1]
            if target.startswith(b"/answer"):
                self.wfile.write(body)
                if target == b"/answer-and-stay":
                    continue
                time.sleep(0.3 if target == b"/answer-and-wait" else 0)
                return
            told = head + body
            self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(told))
            if not head.startswith(b"HEAD "):
                self.wfile.write(told)

    def head(self):
        lines = b""
        while (line := self.rfile.readline()) not in (b"\r\n", b""):
            lines += line
        return lines + b"\r\n" if lines else None

    def body(self, head):
        headers = [line.split(b":", 1) for line in head.split(b"\r\n")[1:] if b":" in line]
        headers = {name.lower(): value.strip() for name, value in headers}
        if headers.get(b"expect"):
            # Long enough for a client that does not wait to be found out.
            time.sleep(0.3)
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if headers.get(b"transfer-encoding") != b"chunked":
            return self.rfile.read(int(headers.get(b"content-length", 0)))
        body = b""
        while length := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(length)
            self.rfile.readline()
        while self.rfile.readline() not in (b"\r\n", b""):
            pass
        return body


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


with Server(("127.0.0.1", 0), Mirror) as server:
    print(json.dumps({"listening": server.server_address[1]}), flush=True)
    server.serve_forever()
