"""dapr_client.py sdk|plain PORT: calls httpbin by Dapr's SDK through a sidecar, or without both."""

import json
import os
import sys
import urllib.request

BODY = json.dumps({"flight": "KE123", "seat": "12A", "이름": "김"})
HOW, PORT = sys.argv[1], sys.argv[2]


def by_sdk():
    os.environ["DAPR_RUNTIME_HOST"] = "127.0.0.1"
    os.environ["DAPR_HTTP_PORT"] = PORT
    os.environ["DAPR_API_METHOD_INVOCATION_PROTOCOL"] = "http"
    # It reads the environment when it is imported.
    from dapr.clients import DaprClient

    client = DaprClient()

    def call(verb, path, body, query):
        answer = client.invoke_method(
            "httpbin", path, data=body or "", http_verb=verb, content_type="application/json",
            http_querystring=query,
        )
        return answer.data

    return call


def plainly(verb, path, body, query):
    query = "&".join(f"{name}={value}" for name, value in query)
    url = f"http://127.0.0.1:{PORT}/{path}" + (f"?{query}" if query else "")
    data = body.encode() if body else None
    request = urllib.request.Request(
        url, method=verb, data=data, headers={"content-type": "application/json"}
    )
    return urllib.request.urlopen(request, timeout=10).read()


def saw(answer):
    told = json.loads(answer)
    seen = [told["method"], told["url"].split("/", 3)[3], told["args"], told["json"]]
    return json.dumps(seen, ensure_ascii=False, sort_keys=True)


call = by_sdk() if HOW == "sdk" else plainly
for case, asked in {
    "GET": ("GET", "anything/seats", None, ()),
    "GET with a query": ("GET", "anything/seats", None, (("row", "12"), ("free", "true"))),
    "POST of JSON": ("POST", "anything/seats/12A/hold", BODY, ()),
    "PUT of JSON": ("PUT", "anything/seats/12A", BODY, ()),
    "DELETE": ("DELETE", "anything/seats/12A", None, ()),
}.items():
    print(json.dumps({"case": case, "saw": saw(call(*asked))}, ensure_ascii=False), flush=True)
