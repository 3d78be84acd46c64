"""HTTP as bytes: requests sends and hides more than a contract test can bear."""

import gzip
import http.client
import json
import urllib.parse

JSON = "application/json"
NOT_GIVEN = object()


class Answer:
    """A whole answer: status, reason phrase, headers as they came, body as bytes. Of a stream, `body` is what was read."""

    def __init__(self, response, body=None):
        self.status, self.reason = response.status, response.reason
        self.headers = response.headers
        self.body = response.read() if body is None else body
        if self.headers.get("Content-Encoding") == "gzip":
            self.body = gzip.decompress(self.body)

    @property
    def status_line(self):
        return f"{self.status} {self.reason}"

    @property
    def text(self):
        return self.body.decode()

    @property
    def content_type(self):
        return self.headers.get("Content-Type")

    def json(self):
        return json.loads(self.body)

    def __getitem__(self, key):
        return self.json()[key]

    def expect(self, status):
        """Itself, when it has this status."""
        assert self.status == status, f"expected {status}, got {self.status_line}: {self.text[:2000]}"
        return self

    def refuses(self, status, body):
        """Exactly this refusal."""
        self.expect(status)
        assert self.json() == body
        assert self.content_type == JSON
        return self

    def __repr__(self):
        return f"<{self.status_line}: {self.body[:300]!r}>"


class Api:
    """A controller's address. `recorder`, when there is one, sees every request and answer."""

    def __init__(self, url, recorder=None, timeout=180):
        self.url = url.rstrip("/")
        parts = urllib.parse.urlsplit(self.url)
        self.secure, self.host, self.port = parts.scheme == "https", parts.hostname, parts.port
        self.netloc = parts.netloc
        self.recorder, self.timeout = recorder, timeout

    def connect(self):
        kind = http.client.HTTPSConnection if self.secure else http.client.HTTPConnection
        return kind(self.host, self.port, timeout=self.timeout)

    def send(self, method, path, headers=(), data=None):
        """Sends exactly these headers (pairs) besides Host, and Content-Length when there is data."""
        connection = self.connect()
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            connection.putheader("Host", self.netloc)
            for name, value in headers:
                connection.putheader(name, value)
            if data is not None:
                connection.putheader("Content-Length", str(len(data)))
            connection.endheaders(data)
            answer = Answer(connection.getresponse())
        finally:
            connection.close()
        if self.recorder is not None:
            self.recorder.add(method, path, answer)
        return answer

    def request(self, method, path, body=NOT_GIVEN, *, token=None, form=None, raw=None, headers=None):
        """`body` is sent as JSON, `form` as a form, `raw` as it is. Paths are below /v1."""
        all_headers = dict(headers or {})
        data = None
        if token:
            all_headers.setdefault("Authorization", f"token {token}")
        if form is not None:
            data = urllib.parse.urlencode(form).encode()
            all_headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        elif raw is not None:
            data = raw if isinstance(raw, bytes) else raw.encode()
        elif body is not NOT_GIVEN:
            data = json.dumps(body, ensure_ascii=False).encode()
            all_headers.setdefault("Content-Type", JSON)
        elif method in ("POST", "PUT", "PATCH"):
            data = b""
        return self.send(method, "/v1" + path, all_headers.items(), data)

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, body=NOT_GIVEN, **options):
        return self.request("POST", path, body, **options)

    def delete(self, path, body=NOT_GIVEN, **options):
        return self.request("DELETE", path, body, **options)


class User:
    """Somebody logged in."""

    def __init__(self, api, name, password, token):
        self.api, self.name, self.password, self.token = api, name, password, token

    def request(self, method, path, body=NOT_GIVEN, **options):
        return self.api.request(method, path, body, token=self.token, **options)

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, body=NOT_GIVEN, **options):
        return self.request("POST", path, body, **options)

    def delete(self, path, body=NOT_GIVEN, **options):
        return self.request("DELETE", path, body, **options)

    def log_in(self):
        """A fresh look at the token, which others may have changed."""
        login = self.api.post("/auth/login/", {"username": self.name, "password": self.password}).expect(200)
        self.token = login["token"]
        return self

    def app(self, app, path=""):
        """The path of an app, or of something below it."""
        return f"/apps/{app}/{path}"

    def count(self, path):
        return self.get(path).expect(200)["count"]

    def results(self, path):
        return self.get(path).expect(200)["results"]
