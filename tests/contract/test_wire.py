"""Section 1 as bytes: status lines, headers, bodies that are asked for and refused, pages, dates."""

import json
import re

import pytest

from .http import JSON
from .world import fresh_name

NO_CREDENTIALS = {"detail": "Authentication credentials were not provided."}
NOT_FOUND = {"detail": "Not found"}


@pytest.fixture(scope="module")
def bob(world):
    return world.user("bob")


@pytest.fixture(scope="module")
def shop(world, bob):
    return world.app(bob)


# --- 1.1 status lines, paths, methods ---------------------------------------------------------------------

def raw_exchange(api, request):
    """The bytes of the answer to these bytes."""
    connection = api.connect()
    connection.connect()
    with connection.sock as wire:
        wire.sendall(request)
        data = b""
        while chunk := wire.recv(65536):
            data += chunk
    return data


def test_1_1_status_line_as_bytes(world):
    data = raw_exchange(world.api, f"GET /v1/ HTTP/1.1\r\nHost: {world.api.netloc}\r\nConnection: close\r\n\r\n".encode())
    assert data.startswith(b"HTTP/1.1 401 UNAUTHORIZED\r\n")
    assert b"\r\nDEIS_API_VERSION: 1.7\r\n" in data and b"\r\nDEIS_PLATFORM_VERSION: 1.13.4\r\n" in data


def test_1_1_reason_phrases_are_upper_case(world, bob, shop):
    answers = [
        bob.get("/"), bob.post("/apps/"), bob.delete(f"/apps/{world.app(bob)}/"), bob.post("/apps/", {"id": "A"}),
        world.api.get("/"), bob.get("/users/"), bob.get("/nothing"), bob.request("PATCH", f"/apps/{shop}/"),
        bob.get("/apps/", headers={"Accept": "text/html"}),
        bob.post("/apps/", raw="<a/>", headers={"Content-Type": "application/xml"})]
    assert [answer.status_line for answer in answers] == [
        "200 OK", "201 CREATED", "204 NO CONTENT", "400 BAD REQUEST", "401 UNAUTHORIZED", "403 FORBIDDEN", "404 NOT FOUND",
        "405 METHOD NOT ALLOWED", "406 NOT ACCEPTABLE", "415 UNSUPPORTED MEDIA TYPE"]


def test_1_1_reason_phrase_of_409(world):
    ann = world.user("ann")
    world.app(ann)
    assert ann.delete("/auth/cancel/").status_line == "409 CONFLICT"


@pytest.mark.injection
def test_1_1_reason_phrases_of_500_and_503(world, bob):
    app = world.deployed(bob)
    with world.target.settings(logger="disabled"):
        assert bob.get(f"/apps/{app}/logs").status_line == "500 INTERNAL SERVER ERROR"
    with world.target.failures(run=1):
        assert bob.post(f"/apps/{app}/run", {"command": "ls"}).status_line == "503 SERVICE UNAVAILABLE"


def test_1_1_every_path_is_taken_with_and_without_a_trailing_slash(world, bob, shop):
    for path in ("/apps", f"/apps/{shop}", f"/apps/{shop}/config", f"/apps/{shop}/releases/v1", "/keys", "/certs"):
        assert bob.get(path).expect(200).body == bob.get(path + "/").expect(200).body
    world.api.post("/auth/login", {"username": bob.name, "password": bob.password}).expect(200)
    world.user("ann").post("/auth/tokens").expect(200)


def test_1_1_an_unknown_path_is_404_in_json(bob, shop):
    for path in ("/nothing", f"/apps/{shop}/unknown", "/appsfoo", f"/apps/{shop}/config/x"):
        bob.get(path).refuses(404, NOT_FOUND)


def test_1_1_an_anonymous_caller_gets_401_rather_than_405(world, shop):
    for path in ("/apps/", f"/apps/{shop}/config/", "/users/", "/keys/"):
        world.api.request("PATCH", path).refuses(401, NO_CREDENTIALS)


def test_1_1_head_works_wherever_get_does(bob, shop):
    for path in ("/apps/", f"/apps/{shop}/", f"/apps/{shop}/releases/"):
        head = bob.request("HEAD", path).expect(200)
        assert head.body == b"" and int(head.headers["Content-Length"]) == len(bob.get(path).body)


def test_1_1_options_describes_the_resource(bob):
    answer = bob.request("OPTIONS", "/apps/").expect(200)
    assert isinstance(answer.json(), dict)
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


# --- 1.2 headers ----------------------------------------------------------------------------------------

def test_1_2_headers_of_refusals_and_answers(world, bob):
    assert world.api.get("/apps/").headers["WWW-Authenticate"] == "Token"
    answer = bob.get("/apps/")
    assert answer.content_type == JSON
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


def test_1_2_pages_of_other_origins_may_read_the_versions(world, bob):
    assert "Access-Control-Allow-Origin" not in bob.get("/apps/").headers
    answer = bob.get("/apps/", headers={"Origin": "http://example.com"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    exposed = set(re.split(r",\s*", answer.headers["Access-Control-Expose-Headers"]))
    assert exposed == {"DEIS_API_VERSION", "DEIS_PLATFORM_VERSION", "X_DEIS_API_VERSION", "X_DEIS_PLATFORM_VERSION",
                       "Deis-Release", "X-Deis-Release"}


def test_1_2_preflight(world):
    headers = {"Origin": "http://example.com", "Access-Control-Request-Method": "POST"}
    answer = world.api.request("OPTIONS", "/apps/", headers=headers).expect(200)
    assert answer.body == b""
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, POST, PUT, PATCH, DELETE, OPTIONS"
    assert answer.headers["Access-Control-Allow-Headers"] == "content-type, accept, origin, Authorization, Host"
    assert answer.headers["Access-Control-Max-Age"] == "86400"


# --- 1.4 authentication ---------------------------------------------------------------------------------

@pytest.mark.parametrize("header, detail", [
    (None, "Authentication credentials were not provided."),
    ("Basic dXNlcjpwYXNz", "Authentication credentials were not provided."),
    ("Bearer abc", "Authentication credentials were not provided."),
    ("token", "Invalid token header. No credentials provided."),
    ("token " + "0" * 40, "Invalid token"),
    ("token nonsense", "Invalid token"),
])
def test_1_4_credentials_that_do_not_do(world, header, detail):
    headers = {"Authorization": header} if header else {}
    world.api.get("/apps/", headers=headers).refuses(401, {"detail": detail})


def test_1_4_a_token_of_two_words_is_refused_in_the_same_way(world, bob):
    answer = world.api.get("/apps/", headers={"Authorization": f"token {bob.token} more"}).expect(401)
    assert answer["detail"].startswith("Invalid token header.")


@pytest.mark.parametrize("scheme", ["token", "Token", "TOKEN"])
def test_1_4_the_scheme_is_taken_in_any_case(world, bob, scheme):
    world.api.get("/", headers={"Authorization": f"{scheme} {bob.token}"}).expect(200)


def test_1_4_the_probe_is_401_without_and_an_empty_object_with_credentials(world, bob):
    world.api.get("/").refuses(401, NO_CREDENTIALS)
    assert bob.get("/").expect(200).json() == {}


# --- 1.5 bodies -----------------------------------------------------------------------------------------

def test_1_5_an_empty_body_is_an_empty_object(bob, shop):
    for headers in ({}, {"Content-Type": JSON}):
        bob.request("POST", "/apps/", raw=b"", headers=headers).expect(201)
        bob.request("POST", f"/apps/{shop}/containers/restart/", raw=b"", headers=headers).expect(200)


def test_1_5_json_that_cannot_be_read_is_400(bob):
    for text in ("{", "{'a': 1}", '{"id": }', "nonsense"):
        answer = bob.post("/apps/", raw=text, headers={"Content-Type": JSON}).expect(400)
        assert list(answer.json()) == ["detail"] and answer["detail"].startswith("JSON parse error - ")


@pytest.mark.parametrize("text, kind", [("[]", "list"), ('"a"', "str"), ("5", "int"), ("null", "NoneType"), ("true", "bool")])
def test_1_5_json_that_is_no_object_is_400(bob, text, kind):
    bob.post("/apps/", raw=text, headers={"Content-Type": JSON}).refuses(
        400, {"non_field_errors": [f"Invalid data. Expected a dictionary, but got {kind}."]})


def test_1_5_other_types_are_415(bob):
    bob.post("/apps/", raw="<a/>", headers={"Content-Type": "application/xml"}).refuses(
        415, {"detail": "Unsupported media type 'application/xml' in request."})


def test_1_5_forms_are_taken(bob):
    id = fresh_name("form")
    assert bob.request("POST", "/apps/", form={"id": id}).expect(201)["id"] == id


def test_1_5_multipart_forms_are_taken(bob):
    id = fresh_name("form")
    body = f'--x\r\nContent-Disposition: form-data; name="id"\r\n\r\n{id}\r\n--x--\r\n'
    answer = bob.post("/apps/", raw=body, headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert answer.expect(201)["id"] == id


@pytest.mark.parametrize("accept, status", [
    ("*/*", 200), ("application/json", 200), ("application/*", 200), ("text/html, */*;q=0.1", 200), ("", 200),
    ("text/html", 406), ("application/xml", 406)])
def test_1_5_accept(bob, accept, status):
    answer = bob.get("/apps/", headers={"Accept": accept}).expect(status)
    if status == 406:
        assert answer.json() == {"detail": "Could not satisfy the request Accept header"}


# --- 1.6 errors -----------------------------------------------------------------------------------------

def test_1_6_every_refusal_of_this_run_was_one_flat_object_of_texts(world):
    """What clients can print; also of the modules that ran before."""
    checked = 0
    for method, path, answer in world.api.recorder.exchanges:
        if answer.status < 400 or method == "HEAD" or answer.content_type != JSON or not path.startswith("/v1"):
            continue
        body = json.loads(answer.body)
        assert isinstance(body, dict) and body, (method, path, answer)
        for value in body.values():
            texts = value if isinstance(value, list) else [value]
            assert texts and all(isinstance(text, str) for text in texts), (method, path, answer)
        checked += 1
    assert checked > 20


# --- 1.8 pages ------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def pages(world):
    """A user with three apps, and their ids in order."""
    user = world.user("pages")
    return user, [world.app(user) for _ in range(3)]


def ids(answer):
    return [app["id"] for app in answer.expect(200)["results"]]


def test_1_8_a_page_says_how_to_get_the_others(world, pages):
    user, apps = pages
    first = user.get("/apps/?page_size=1")
    assert list(first.json()) == ["count", "next", "previous", "results"]
    assert (first["count"], ids(first), first["previous"]) == (3, apps[:1], None)
    assert first["next"].startswith(f"{world.api.url}/v1/apps/?")
    second = user.api.send("GET", first["next"][len(world.api.url):], [("Authorization", f"token {user.token}")])
    assert ids(second) == apps[1:2] and second["previous"] and second["next"]
    last = user.get("/apps/?page_size=1&page=last")
    assert ids(last) == apps[2:] and last["next"] is None


def test_1_8_links_keep_other_parameters_and_the_scheme(pages):
    user, _ = pages
    answer = user.get("/apps/?page_size=1&colour=blue", headers={"X-Forwarded-Proto": "https"})
    if answer["next"].startswith("https://"):  # a router in front says the scheme itself
        assert user.api.netloc in answer["next"]
    assert "colour=blue" in answer["next"] and "page_size=1" in answer["next"] and "page=2" in answer["next"]


@pytest.mark.parametrize("size", ["0", "-1", "x", ""])
def test_1_8_a_bad_page_size_is_the_default(pages, size):
    user, apps = pages
    assert ids(user.get(f"/apps/?page_size={size}")) == apps


@pytest.mark.parametrize("page", ["2", "0", "x", "-1"])
def test_1_8_a_page_that_is_none_is_404(pages, page):
    pages[0].get(f"/apps/?page={page}").refuses(404, NOT_FOUND)


def test_1_8_an_empty_list_is_a_list(world):
    for path in ("/apps/", "/keys/", "/certs/"):
        assert world.user("new").get(path).expect(200).json() == {"count": 0, "next": None, "previous": None, "results": []}
