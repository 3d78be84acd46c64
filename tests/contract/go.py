"""The original client as a wire: what version 1.13.4 sends, header by header, and how its types read the answers."""

import json

from .http import Answer

LIMIT = 100  # response_limit of a fresh profile


class WrongType(AssertionError):
    """Go's json package would have refused this, or the client panicked."""


def decode(value, shape, where="answer"):
    """Reads `value` as the struct, slice or map `shape` describes: {"name": type}, [element], ("map", element), str, int,
    float or bool. A missing or null member is Go's zero value only where the shape says so: ("or null", shape)."""
    if isinstance(shape, tuple) and shape[0] == "or null":
        return None if value is None else decode(value, shape[1], where)
    if isinstance(shape, tuple) and shape[0] == "map":
        _check(value, dict, where)
        return {key: decode(element, shape[1], f"{where}.{key}") for key, element in value.items()}
    if isinstance(shape, dict):
        _check(value, dict, where)
        missing = shape.keys() - value.keys()
        if missing:
            raise WrongType(f"{where} lacks {sorted(missing)}")
        return {key: decode(value[key], inner, f"{where}.{key}") for key, inner in shape.items()}
    if isinstance(shape, list):
        _check(value, list, where)
        return [decode(element, shape[0], f"{where}[{i}]") for i, element in enumerate(value)]
    _check(value, shape, where)
    return value


def _check(value, kind, where):
    good = type(value) in (int, float) if kind is float else type(value) is kind  # a bool is no number
    if not good:
        raise WrongType(f"{where} is {value!r}, not {kind.__name__}")


DATES = {"created": str, "updated": str}
APP = {**DATES, "id": str, "owner": str, "url": str, "uuid": str}
BUILD = {**DATES, "app": str, "dockerfile": str, "image": str, "owner": str, "uuid": str, "sha": str,
         "procfile": ("or null", ("map", str))}
CERT = {**DATES, "common_name": str, "expires": str, "owner": str, "id": int}
CONFIG = {**DATES, "owner": str, "app": str, "uuid": str, "values": ("map", str), "memory": ("map", str),
          "cpu": ("map", float), "tags": ("map", str)}
CONTAINER = {**DATES, "owner": str, "app": str, "release": str, "uuid": str, "type": str, "num": int, "state": str}
DOMAIN = {**DATES, "app": str, "domain": str, "owner": str}
KEY = {**DATES, "id": str, "owner": str, "public": str, "uuid": str}
ADMIN = {"username": str}
PERMS = {"users": [str]}
RELEASE = {**DATES, "app": str, "build": ("or null", str), "config": str, "owner": str, "summary": str, "uuid": str,
           "version": int}
USER = {"username": str, "email": str, "first_name": str, "last_name": str, "is_superuser": bool, "is_staff": bool,
        "is_active": bool, "last_login": str, "date_joined": str}
TOKEN = {"token": str}
VERSION = {"version": int}


def page_of(shape):
    return {"count": int, "next": ("or null", str), "previous": ("or null", str), "results": [shape]}


class GoClient:
    """One profile of the client. Every call is one connection, with the headers Go's net/http sends, in its order."""

    def __init__(self, api):
        self.api, self.token = api, None

    def send(self, method, path, body=None):
        """The answer, which must be a success; the client prints anything else as an error."""
        answer = self.exchange(method, path, body)
        assert 200 <= answer.status < 400, f"{method} {path}: {answer!r}"
        return answer

    def exchange(self, method, path, body=None):
        data = b"" if body is None else json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
        connection = self.api.connect()
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in self._headers(method, data):
                connection.putheader(name, value)
            connection.endheaders(data or None)
            answer = Answer(connection.getresponse())
        finally:
            connection.close()
        self.api.recorder.add(method, path, answer)
        # Without this header the client warns on every command.
        assert answer.headers["DEIS_API_VERSION"] == "1.7"
        return answer

    def _headers(self, method, data):
        yield "Host", self.api.netloc
        yield "User-Agent", "Deis Client v1.13.4"
        if data or method == "POST":
            yield "Content-Length", str(len(data))
        if self.token:
            yield "Authorization", f"token {self.token}"
        yield "Content-Type", "application/json"
        yield "Accept-Encoding", "gzip"

    def call(self, method, path, body=None, shape=None):
        answer = self.send(method, path, body)
        return None if shape is None else decode(answer.json(), shape, f"{method} {path}")

    def list(self, path, shape):
        return self.call("GET", f"{path}?page_size={LIMIT}", shape=page_of(shape))["results"]

    # --- what commands do ----------------------------------------------------------------------------

    def probe(self):
        token, self.token = self.token, None
        assert self.exchange("GET", "/v1/").status == 401
        self.token = token

    def register(self, name, password):
        self.probe()
        self.send("POST", "/v1/auth/register/", {"username": name, "password": password, "email": f"{name}@example.com"})
        self.login(name, password)

    def login(self, name, password):
        self.probe()
        self.token = None
        body = {"username": name, "password": password}
        self.token = self.call("POST", "/v1/auth/login/", body, TOKEN)["token"]

    def run(self, app, command):
        """(code, output): the client decodes an array of a number and a string from text/plain."""
        code, output = json.loads(self.send("POST", f"/v1/apps/{app}/run", {"command": command}).body)
        return decode(code, float), decode(output, str)
