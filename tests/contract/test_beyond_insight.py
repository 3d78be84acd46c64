"""Beyond v1.7: what the processes of an app do, and what a release was made of."""

import pytest

from .http import JSON

CONTAINER_KEYS = {"owner", "app", "release", "type", "num", "state", "created", "updated", "uuid"}


@pytest.fixture(scope="module")
def bob(world):
    return world.user("bob")


@pytest.fixture
def shop(world, bob):
    return world.deployed(bob)


@pytest.mark.offers("/v1/apps/{app}/processes")
def test_beyond_processes_are_containers_with_host_restarts_and_reason(bob, shop):
    bob.post(f"/apps/{shop}/scale/", {"web": 2}).expect(204)
    answer = bob.get(f"/apps/{shop}/processes/").expect(200)
    assert answer.content_type == JSON and answer["count"] == 2
    for process, container in zip(answer["results"], bob.results(f"/apps/{shop}/containers/"), strict=True):
        assert set(process) == CONTAINER_KEYS | {"host", "restarts", "detail"}
        assert {key: process[key] for key in CONTAINER_KEYS} == container


@pytest.mark.offers("/v1/apps/{app}/releases/{version}/config")
def test_beyond_every_release_shows_its_config(world, bob, shop):
    for value in ("1", "2"):
        bob.post(f"/apps/{shop}/config/", {"values": {"A": value}}).expect(201)
    path = f"/apps/{shop}/releases/v%d/config/"
    assert [bob.get(path % version).expect(200)["values"] for version in (2, 3, 4)] == [{}, {"A": "1"}, {"A": "2"}]
    assert bob.get(path % 4).json() == {**bob.get(f"/apps/{shop}/config/").json(), "pids": {}}
    bob.get(path % 9).refuses(404, {"detail": "Not found"})
