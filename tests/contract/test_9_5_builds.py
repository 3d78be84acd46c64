"""9.5 Builds."""

import json

import pytest

from .world import PROCFILE, SHA

BUILD_KEYS = {"owner", "app", "image", "sha", "procfile", "dockerfile", "created", "updated", "uuid"}
FORBIDDEN = {"detail": "You do not have permission to perform this action."}


@pytest.fixture(scope="module")
def bob(world):
    return world.user("bob")


def processes(user, app):
    """[(type, number)] of what is listed."""
    return sorted((c["type"], c["num"]) for c in user.results(f"/apps/{app}/containers/"))


def test_9_5_a_new_app_has_no_builds(world, bob):
    app = world.app(bob)
    assert bob.get(f"/apps/{app}/builds/").expect(200).json() == \
        {"count": 0, "next": None, "previous": None, "results": []}


def test_9_5_a_build_is_201_with_its_image_as_sent_and_the_release_header(world, bob):
    app = world.app(bob)
    body = {"image": world.target.image}
    first = bob.post(f"/apps/{app}/builds/", body).expect(201)
    assert first["image"] == world.target.image
    assert first.headers["X-Deis-Release"] == first.headers["Deis-Release"] == "2"
    second = bob.post(f"/apps/{app}/builds/", body).expect(201)
    assert second.headers["X-Deis-Release"] == "3"
    assert second["uuid"] != first["uuid"]
    assert [b["uuid"] for b in bob.results(f"/apps/{app}/builds/")] == [second["uuid"], first["uuid"]]
    assert bob.get(f"/apps/{app}/builds/{first['uuid']}").expect(200).json() == first.json()


def test_9_5_response_keys_and_defaults(world, bob):
    app = world.app(bob)
    made = bob.post(f"/apps/{app}/builds/", {"image": world.target.image}).expect(201).json()
    assert set(made) == BUILD_KEYS
    assert (made["sha"], made["procfile"], made["dockerfile"]) == ("", {}, "")
    assert (made["app"], made["owner"]) == (app, bob.name)


def test_9_5_image_is_required(world, bob):
    app = world.app(bob)
    bob.post(f"/apps/{app}/builds/").refuses(400, {"image": ["This field is required."]})
    bob.post(f"/apps/{app}/builds/", {"image": "a" * 257}).refuses(
        400, {"image": ["Ensure this field has no more than 256 characters."]})


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_9_5_put_patch_delete_are_405(world, bob, method):
    app = world.app(bob)
    bob.request(method, f"/apps/{app}/builds/").refuses(405, {"detail": f"Method '{method}' not allowed."})


def test_9_5_an_admin_builds_on_anothers_app_and_a_stranger_gets_403(world, bob):
    app = world.app(bob)
    made = world.deploy(world.admin, app)
    assert made["owner"] == world.admin.name
    world.user("eve").post(f"/apps/{app}/builds/", {"image": "x"}).refuses(403, FORBIDDEN)


@pytest.mark.parametrize("build, expected", [
    ({"sha": "", "dockerfile": "", "procfile": {}}, "cmd"),                             # image import
    ({"sha": "", "dockerfile": "", "procfile": PROCFILE}, "cmd"),                       # whatever the procfile
    ({"sha": SHA, "dockerfile": "true", "procfile": {}}, "cmd"),                        # Dockerfile
    ({"sha": SHA, "dockerfile": "true", "procfile": {"worker": "exec work"}}, "cmd"),   # no web in it
    ({"sha": SHA, "dockerfile": "true", "procfile": PROCFILE}, "web"),
    ({"sha": SHA, "dockerfile": "", "procfile": PROCFILE}, "web"),                      # buildpack
    ({"sha": SHA, "dockerfile": "", "procfile": {}}, "web"),
])
def test_9_5_default_process_of_the_first_deploy(world, bob, build, expected):
    app = world.deployed(bob, **build)
    assert processes(bob, app) == [(expected, 1)]
    assert bob.get(f"/apps/{app}/")["structure"] == {expected: 1}


@pytest.mark.parametrize("form", [lambda map: map, json.dumps])
def test_9_5_procfile_is_accepted_as_object_and_as_text_and_returned_as_object(world, bob, form):
    app = world.app(bob)
    body = {"image": world.target.image, "procfile": form({"web": "node server.js"})}
    made = bob.post(f"/apps/{app}/builds/", body).expect(201)
    assert made["procfile"] == {"web": "node server.js"}


@pytest.mark.parametrize("procfile", [None, ["web"], "not json", "[1]", 5])
def test_9_5_procfile_that_is_no_object_is_400(world, bob, procfile):
    app = world.app(bob)
    answer = bob.post(f"/apps/{app}/builds/", {"image": "x", "procfile": procfile}).expect(400)
    assert list(answer.json()) == ["procfile"]


def test_9_5_after_scaling_to_0_a_new_build_starts_nothing(world, bob):
    app = world.deployed(bob)
    bob.post(f"/apps/{app}/scale/", {"web": 0}).expect(204)
    assert processes(bob, app) == []
    world.deploy(bob, app)
    assert processes(bob, app) == []


def test_9_5_a_type_dropped_from_the_procfile_loses_its_containers(world, bob):
    app = world.deployed(bob)
    bob.post(f"/apps/{app}/scale/", {"web": 1, "worker": 2}).expect(204)
    assert processes(bob, app) == [("web", 1), ("worker", 1), ("worker", 2)]
    world.deploy(bob, app, procfile={"web": "exec serve"})
    assert processes(bob, app) == [("web", 1)]
    assert bob.count(f"/apps/{app}/containers/worker/") == 0


@pytest.mark.injection
def test_9_5_a_failing_scheduler_is_503_with_the_exact_detail_and_changes_nothing(world, bob):
    app = world.deployed(bob)
    bob.post(f"/apps/{app}/scale/", {"web": 3}).expect(204)
    releases = world.release_count(bob, app)
    before = bob.results(f"/apps/{app}/containers/")
    with world.target.failures(create=1):
        answer = bob.post(f"/apps/{app}/builds/", world.build(app)).expect(503)
    assert answer["detail"] == "aborting, failed to create some containers"
    assert world.release_count(bob, app) == releases
    assert bob.results(f"/apps/{app}/containers/") == before
    assert set(world.states(bob, app).values()) == {"up"}


def test_9_5_images_of_the_platform_are_refused(world, bob):
    app = world.app(bob)
    for image in ("deis/controller", "localhost:5000/deis/router:latest", "deis/store-admin:v1"):
        repository = image.rsplit(":", 1)[0] if ":" in image.split("/")[-1] else image
        detail = bob.post(f"/apps/{app}/builds/", {"image": image}).expect(403)["detail"]
        assert detail == f"Repository name {repository} is not allowed"
    assert world.release_count(bob, app) == 1


def test_9_5_an_unknown_build_is_404(world, bob):
    app, other = world.deployed(bob), world.deployed(bob)
    foreign = bob.results(f"/apps/{other}/builds/")[0]["uuid"]
    for uuid in (foreign, "nonsense", "00000000-0000-4000-8000-000000000000"):
        bob.get(f"/apps/{app}/builds/{uuid}").refuses(404, {"detail": "Not found"})
