"""9.1 Versions, health."""

import pytest

VERSIONS = {"DEIS_API_VERSION": "1.7", "DEIS_PLATFORM_VERSION": "1.13.4",
            "X_DEIS_API_VERSION": "1.7", "X_DEIS_PLATFORM_VERSION": "1.13.4"}


@pytest.mark.parametrize("headers", [{}, {"Deis-Version": "1"}])
def test_9_1_a_request_without_version_or_with_version_1_passes(world, headers):
    world.admin.get("/apps/", headers=headers).expect(200)


@pytest.mark.parametrize("version", ["1234.5678", "1.7", "2"])
def test_9_1_another_version_is_405_before_anything_else(world, version):
    for path in ("/", "/apps/", "/auth/login/"):
        answer = world.api.get(path, headers={"Deis-Version": version})
        answer.refuses(405, {"error": "Client and server versions do not match. "
                                      f"Client version: {version} Server version: 1"})


def test_9_1_every_answer_bears_the_versions(world):
    answers = [world.admin.get("/apps/"), world.admin.post("/apps/", {"id": "UPPER"}), world.admin.get("/apps/none"),
               world.api.get("/"), world.api.get("/no/such/path"), world.admin.request("PUT", "/apps/"),
               world.api.send("GET", "/healthz")]
    assert [answer.status for answer in answers] == [200, 400, 404, 401, 404, 405, 200]
    for answer in answers:
        assert {name: answer.headers[name] for name in VERSIONS} == VERSIONS


def test_9_1_version_headers_are_written_with_underscores_as_clients_read_them(world):
    assert "DEIS_API_VERSION" in world.api.get("/").headers.keys()


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_9_1_healthz_answers_anybody(world, method):
    answer = world.api.send(method, "/healthz").expect(200)
    assert answer.body == (b"OK" if method == "GET" else b"")


@pytest.mark.parametrize("method", ["PUT", "POST", "PATCH", "DELETE"])
def test_9_1_healthz_refuses_what_writes(world, method):
    world.api.send(method, "/healthz", data=b"").expect(405)
