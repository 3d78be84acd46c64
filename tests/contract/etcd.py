"""The little of etcd that tests need, over its HTTP gateway."""

import base64
import json
import urllib.request


class Etcd:
    def __init__(self, url):
        self.url = url.rstrip("/")

    def _call(self, what, **body):
        request = urllib.request.Request(f"{self.url}/v3/kv/{what}", json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)

    def get(self, key):
        """The value, or None."""
        found = self._call("range", key=_encode(key)).get("kvs")
        return base64.b64decode(found[0].get("value", "")).decode() if found else None

    def put(self, key, value):
        self._call("put", key=_encode(key), value=_encode(value))

    def delete(self, key):
        self._call("deleterange", key=_encode(key))


def _encode(text):
    return base64.b64encode(text.encode()).decode()
