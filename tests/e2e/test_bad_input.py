"""The 'Bad input' paragraph: answered 400 with the field, 413 over the limit, 503 with Retry-After while a server is away."""

import pytest

from .platform import CONTROLLER, wait_until


@pytest.fixture(scope="module")
def carl(platform):
    return platform.user("carl")


@pytest.mark.parametrize("path, body, field", [
    ("/v1/apps/", {"id": "Upper"}, "id"),
    ("/v1/apps/", {"id": "../../x"}, "id"),
    ("/v1/apps/", {"id": "a;ls"}, "id"),
    ("/v1/apps/", {"id": "a\nb"}, "id"),
    ("/v1/apps/", {"id": "x" * 65}, "id"),
    ("/v1/apps/", {"id": "x" * 1_000_000}, "id"),
    ("/v1/apps/", {"id": None}, "id"),
    ("/v1/apps/", {"id": ["a"]}, "id"),
    ("/v1/auth/register/", {"username": "a b", "password": "x", "email": ""}, "username"),
    ("/v1/keys/", {"id": "k", "public": "ssh-rsa foo_bar"}, "public"),
])
def test_wrong_field_is_answered_400_with_its_name(carl, path, body, field):
    status, answer = carl.api("POST", path, body)
    assert status == 400
    assert field in answer, answer


@pytest.mark.parametrize("text", ["{", "nul", '{"id":"a","id":"b"}', "[" * 200 + "]" * 200, '"x"', "[]"])
def test_malformed_json_is_answered_400_with_a_flat_object(carl, text):
    status, answer = carl.api("POST", "/v1/apps/", text)
    assert status == 400
    assert isinstance(answer, dict) and all(isinstance(v, (str, list)) for v in answer.values())


def test_body_over_the_limit_is_answered_413(carl):
    body = carl.home / "big.json"
    body.write_text('{"id":"' + "x" * (12 * 1024 * 1024) + '"}')
    argv = ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-H", f"Authorization: token {carl.token()}",
            "-H", "Content-Type: application/json", "--data-binary", f"@{body}", "http://127.0.0.1:8000/v1/apps/"]
    assert carl.run(argv).stdout == "413"


def test_postgresql_away_is_answered_503_with_retry_after_and_recovers(carl, platform):
    platform.deisctl("stop", "database")
    try:
        out = carl.run(["curl", "-sSi", "-m", "60", "-H", f"Authorization: token {carl.token()}", f"{CONTROLLER}/v1/apps/"]).stdout
        assert out.startswith("HTTP/1.1 503"), out
        assert "retry-after" in out.lower()
    finally:
        platform.deisctl("start", "database")
    wait_until(lambda: carl.api("GET", "/v1/apps/")[0] == 200, 20, "the controller answers again")


def etcdctl(platform, *words):
    return platform.host.run(["etcdctl", "--endpoints=127.0.0.1:2379", *words], env={"ETCDCTL_API": "3"})


def test_a_wrong_setting_is_refused_or_told_by_deisctl_and_traffic_goes_on(platform, carl):
    refused = platform.deisctl("config", "router", "set", "bodySize=big", check=False)
    assert refused.returncode != 0 and "router/bodySize=big: must be" in refused.stderr
    etcdctl(platform, "put", "/deis/router/bodySize", "big")
    try:
        told = "Ignored: router/bodySize=big: must be"
        wait_until(lambda: told in platform.deisctl("status", "router").stdout, 15, "deisctl tells what the router ignores")
        assert carl.api("GET", "/v1/apps/")[0] == 200
    finally:
        etcdctl(platform, "del", "/deis/router/bodySize")
