"""httpbin under gunicorn, on a port that the system picks."""

import json

from gunicorn.app.base import BaseApplication
from httpbin import app


class Server(BaseApplication):
    def load_config(self):
        # Threads of one process: a slow answer (/delay, /drip) holds no other one up.
        for key, value in {
            "bind": "127.0.0.1:0",
            "worker_class": "gthread",
            "threads": 32,
            "keepalive": 75,
            "limit_request_field_size": 16_384,
            "when_ready": ready,
        }.items():
            self.cfg.set(key, value)

    def load(self):
        return app


def ready(server):
    print(json.dumps({"listening": server.LISTENERS[0].sock.getsockname()[1]}), flush=True)


Server().run()
