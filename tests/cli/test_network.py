"""TLS, and everything that can answer instead of a controller. Each server here is a real one."""

import contextlib
import http.server
import socket
import ssl
import subprocess
import threading

import pytest

from tests.cli.client import Client


@contextlib.contextmanager
def serving(handler, certificate=None):
    """A web server on a port of its own; yields its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    scheme = "http"
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"{scheme}://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def answering(status, body, **headers):
    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self):
            if length := int(self.headers.get("Content-Length", 0)):
                self.rfile.read(length)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        do_GET = do_POST = do_DELETE = answer

        def log_message(self, *_):
            pass

    return Handler


def forwarding(controller):
    """A TLS end before a real controller."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            token = self.headers.get("Authorization", "").removeprefix("token ")
            done = controller.call(self.command, self.path, token or None, data=body or None)
            self.send_response(done.status_code, done.reason)
            self.send_header("Content-Length", str(len(done.content)))
            self.end_headers()
            self.wfile.write(done.content)

        do_GET = do_POST = do_DELETE = answer

        def log_message(self, *_):
            pass

    return Handler


def certificate(directory, name):
    paths = [str(directory / f"{name}.pem"), str(directory / f"{name}.key")]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
         "-addext", f"subjectAltName=DNS:{name}", "-out", paths[0], "-keyout", paths[1]], check=True, capture_output=True)
    return paths


def client_of(tmp_path, url, verify=False):
    client = Client(tmp_path / "client")
    (client.home / ".deis").mkdir()
    (client.home / ".deis" / "client.json").write_text(
        f'{{"username":"ann","ssl_verify":{str(verify).lower()},"controller":"{url}","token":"{"a" * 40}","response_limit":100}}')
    return client


def no_trace(text):
    for trace in ("terminate called", "what():", "boost", "std::", "exception", "core dumped"):
        assert trace not in text, text


def test_https_works_without_checking_unless_asked_to(stranger, tmp_path):
    with serving(forwarding(stranger.controller), certificate(tmp_path, "localhost")) as url:
        stranger.run("register", url, "--username=ann", "--password=secret", "--email=a@example.com")
        assert stranger.profile()["ssl_verify"] is False
        assert stranger.run("create", "shop", "--no-remote").out.startswith("Creating Application... done, created shop\n")
        values = [f"KEY{number}={'x' * 1000}" for number in range(100)]  # several records each way
        assert len(stranger.run("config:set", *values, "-a", "shop").out) > 100_000


def test_a_certificate_is_checked_when_asked_to(stranger, tmp_path):
    paths = certificate(tmp_path, "localhost")
    login = ["--username=ann", "--password=secret", "--ssl-verify=true"]
    stranger.register("ann")
    with serving(forwarding(stranger.controller), paths) as url:
        done = stranger.fails("login", url, *login)
        assert f"{url}/v1/" in done.err and "the certificate of localhost cannot be trusted: self" in done.err
        assert "--ssl-verify=false" in done.err
        no_trace(done.err)
        trusted = {"SSL_CERT_FILE": paths[0]}
        stranger.run("login", url, *login, env=trusted)
        assert stranger.profile()["ssl_verify"] is True
        assert stranger.run("apps", env=trusted).out == "=== Apps\n"


def test_the_name_in_the_certificate_counts(tmp_path):
    paths = certificate(tmp_path, "other.example.com")
    with serving(answering(401, "{}"), paths) as url:
        done = client_of(tmp_path, url, verify=True).fails("apps", env={"SSL_CERT_FILE": paths[0]})
    assert "cannot be trusted: hostname mismatch" in done.err


def test_what_speaks_no_tls_is_said_to(tmp_path):
    with serving(answering(401, "{}")) as url:
        done = client_of(tmp_path, url.replace("http:", "https:")).fails("apps")
    assert "no TLS with localhost" in done.err
    no_trace(done.err)


def test_nobody_there_is_an_error_with_the_address_and_a_hint(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        done = client_of(tmp_path, url).fails("apps")
    assert done.err.startswith(f"Error: {url}/v1/apps/?page_size=100: cannot connect to ")
    assert "is the platform running?" in done.err
    no_trace(done.err)


def test_a_name_that_does_not_resolve_is_an_error_with_a_hint(tmp_path):
    done = client_of(tmp_path, "http://deis.invalid").fails("apps")
    assert done.err.startswith("Error: http://deis.invalid/v1/apps/") and "Is the controller's address right" in done.err
    no_trace(done.err)


def test_silence_ends_after_the_time_that_was_given(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        done = client_of(tmp_path, url).fails("apps", env={"DEIS_TIMEOUT": "1"})
    assert url in done.err and "DEIS_TIMEOUT=<seconds>" in done.err


def test_a_login_elsewhere_than_at_a_controller_is_refused(tmp_path):
    with serving(answering(200, "<html>hello</html>")) as url:
        done = Client(tmp_path / "x").fails("login", url, "--username=a", "--password=b")
    assert done.err.startswith(f"Error: {url}/v1/ does not appear to be a valid Deis controller.\n")
    assert done.err.count("\n") == 3


def test_an_answer_that_is_no_json_is_said_to_be_none(tmp_path):
    with serving(answering(200, "<html>welcome to the cafe</html>")) as url:
        done = client_of(tmp_path, url).fails("apps")
    assert "answered a web page, not JSON" in done.err
    no_trace(done.err)


@pytest.mark.parametrize("body", ["[]", "{}", '{"results":{}}', '{"results":[1,null],"count":"x"}', "7", "null", '""'])
@pytest.mark.parametrize("words", [["apps"], ["config", "-a", "x"], ["ps", "-a", "x"], ["limits", "-a", "x"],
                                   ["perms", "-a", "x"], ["run", "ls", "-a", "x"], ["rollback", "-a", "x"]])
def test_json_of_another_shape_is_never_a_crash(tmp_path, body, words):
    with serving(answering(200, body)) as url:
        done = client_of(tmp_path, url).run(*words, code=None)
    assert done.code in (0, 1), done
    no_trace(done.err)


@pytest.mark.parametrize("status, body, headers, seen", [
    (413, "<html>too large</html>", {}, "larger than the controller takes"),
    (429, '{"detail":"Too many logins."}', {"Retry-After": "30"}, "429 Too Many Requests\ndetail: Too many logins.\nTry again in 30 s."),
    (502, "<html>bad gateway</html>", {}, "The router answered, but not the controller"),
    (503, '{"detail":"aborting, failed to create some containers"}', {}, "503 Service Unavailable\ndetail: aborting, failed to create some containers\n\n"),
    (500, "\x1b[2Jboom", {}, "500 Internal Server Error\n[2Jboom\n")])
def test_refusals_are_shown_with_what_to_do(tmp_path, status, body, headers, seen):
    with serving(answering(status, body, **headers)) as url:
        done = client_of(tmp_path, url).fails("apps")
    assert done.err.startswith("Error: \n") and seen in done.err and "\x1b" not in done.err


def test_reading_goes_where_it_is_sent_and_changing_does_not(stranger, tmp_path):
    stranger.register("ann")
    token = stranger.profile()["token"]
    with serving(answering(301, "", Location=f"{stranger.controller.url}/v1/apps/?page_size=100")) as url:
        client = client_of(tmp_path, url.replace("localhost", "127.0.0.1"))
        path = client.home / ".deis" / "client.json"
        path.write_text(path.read_text().replace("a" * 40, token))
        assert client.run("apps").out == "=== Apps\n"
        done = client.fails("create", "shop", "--no-remote")
        assert f"has moved to {stranger.controller.url}: log in there" in done.err


def test_another_version_of_the_api_is_warned_of(tmp_path):
    with serving(answering(200, '{"count":0,"results":[]}', **{"DEIS_API_VERSION": "2.0"})) as url:
        done = client_of(tmp_path, url).run("apps")
    assert done.out == "=== Apps\n" and "speaks version 2.0 of the API, this deis 1.7" in done.err


def test_the_token_goes_to_no_other_controller(tmp_path):
    seen = []

    class Handler(answering(401, '{"detail":"no"}')):
        def do_POST(self):
            seen.append(self.headers.get("Authorization"))
            self.answer()

    client = client_of(tmp_path, "http://deis.example.com")
    with serving(Handler) as url:
        client.fails("register", url, "--username=a", "--password=b", "--email=c@example.com")
    assert seen == [None]


def test_a_broken_profile_is_named(tmp_path):
    client = client_of(tmp_path, "http://x")
    (client.home / ".deis" / "client.json").write_text("{broken")
    done = client.fails("apps")
    assert "client.json cannot be read, log in again" in done.err
    (client.home / ".deis" / "client.json").write_text('{"username":7}')
    no_trace(client.fails("apps").err)


@pytest.mark.parametrize("controller", ["", "ftp://x", "http://", "http://x:99999", "http://a b"])
def test_an_address_that_is_none_is_named(tmp_path, controller):
    done = client_of(tmp_path, controller).fails("apps")
    assert "is not the address of a controller" in done.err
