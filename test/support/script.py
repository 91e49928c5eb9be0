# What scripts for LangBuilder do, with nothing but Python: one request a line of standard input, as JSON; one answer
# a line of standard output. `by` says how it is sent.
import http.client
import json
import sys
import urllib.error
import urllib.request
from urllib.parse import urlsplit


def by_http_client(url, method, headers, body):
    """Says no Content-Type by itself."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port)
    connection.request(method, parts.path, body=body, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


class Bare(urllib.request.Request):
    """Without the Content-Type that urllib would add, which is that of a form."""

    def has_header(self, name):
        return name == "Content-type" or super().has_header(name)


def by_urllib(url, method, headers, body, kind=urllib.request.Request):
    request = kind(url, data=body, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def by_bare_urllib(*sent):
    return by_urllib(*sent, kind=Bare)


ways = {"http.client": by_http_client, "urllib": by_urllib, "bare urllib": by_bare_urllib}

for line in sys.stdin:
    asked = json.loads(line)
    body = asked.get("body")
    status, text = ways[asked["by"]](
        asked["url"],
        asked["method"],
        asked["headers"],
        None if body is None else json.dumps(body).encode(),
    )
    print(json.dumps({"status": status, "body": json.loads(text) if text else None}), flush=True)
