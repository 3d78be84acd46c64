"""10 Constants: the messages of 10.4, byte for byte, in one place; lengths of 10.1; images of 10.3."""

import pytest

from .world import fresh_name


@pytest.fixture(scope="module")
def bob(world):
    return world.user("bob")


@pytest.fixture(scope="module")
def shop(world, bob):
    """An app without a build."""
    return world.app(bob)


@pytest.fixture(scope="module")
def live(world, bob):
    """An app that runs."""
    return world.deployed(bob)


MESSAGES = [
    (400, {"id": ["This field must be unique."]}, lambda w: w.bob.post("/apps/", {"id": w.shop})),
    (400, {"id": ["App IDs can only contain [a-z0-9-]."]}, lambda w: w.bob.post("/apps/", {"id": "A"})),
    (403, {"detail": "You do not have permission to perform this action."}, lambda w: w.bob.get("/users/")),
    (404, {"detail": "Not found"}, lambda w: w.bob.get("/apps/" + fresh_name("none"))),
    (401, {"detail": "Invalid token"}, lambda w: w.world.api.get("/", token="0" * 40)),
    (401, {"detail": "Authentication credentials were not provided."}, lambda w: w.world.api.get("/apps/")),
    (400, {"detail": "Current password does not match"},
     lambda w: w.bob.post("/auth/passwd/", {"password": "wrong", "new_password": "x"})),
    (400, {"detail": "No build associated with this release"}, lambda w: w.bob.post(f"/apps/{w.shop}/scale/", {"web": 1})),
    (400, {"detail": "No build associated with this release to run this command"},
     lambda w: w.bob.post(f"/apps/{w.shop}/run/", {"command": "ls"})),
    (400, {"detail": "Invalid scaling format: invalid literal for int() with base 10: 'x'"},
     lambda w: w.bob.post(f"/apps/{w.live}/scale/", {"web": "x"})),
    (400, {"detail": "Container type nosuch does not exist in application"},
     lambda w: w.bob.post(f"/apps/{w.live}/scale/", {"nosuch": 1})),
    (400, {"detail": "version cannot be below 0"}, lambda w: w.bob.post(f"/apps/{w.shop}/releases/rollback/")),
    (400, {"cpu": ["CPU shares must be an integer"]}, lambda w: w.bob.post(f"/apps/{w.shop}/config/", {"cpu": {"web": "x"}})),
    (400, {"public": ["Incorrect padding"]}, lambda w: w.bob.post("/keys/", {"id": "x", "public": "ssh-rsa foo_bar"})),
    (400, {"id": ["This field is required."], "public": ["This field is required."]}, lambda w: w.bob.post("/keys/", {})),
    (400, {"id": ["This field may not be null."]}, lambda w: w.bob.post("/apps/", {"id": None})),
    (400, {"id": ["This field may not be blank."]}, lambda w: w.bob.post("/apps/", {"id": ""})),
    (400, {"id": ["Ensure this field has no more than 64 characters."]}, lambda w: w.bob.post("/apps/", {"id": "a" * 65})),
    (400, {"non_field_errors": ["Unable to log in with provided credentials."]},
     lambda w: w.world.api.post("/auth/login/", {"username": w.bob.name, "password": "wrong"})),
]


@pytest.fixture(scope="module")
def w(world, bob, shop, live):
    class Names:
        pass
    names = Names()
    names.world, names.bob, names.shop, names.live = world, bob, shop, live
    return names


@pytest.mark.parametrize("status, body, ask", MESSAGES, ids=[str(list(body.values())[0]) for _, body, _ in MESSAGES])
def test_10_4_message(w, status, body, ask):
    ask(w).refuses(status, body)


def test_10_4_reserved_name(world, bob):
    for name in world.target.reserved_names:
        bob.post("/apps/", {"id": name}).refuses(400, {"id": [f"{name} is a reserved name."]})


@pytest.mark.injection
@pytest.mark.parametrize("rates, change, message", [
    ({"create": 1}, ("config", {"values": {"A": "1"}}), "aborting, failed to create some containers"),
    ({"health": 1}, ("config", {"values": {"HEALTHCHECK_URL": "/"}}),
     "aborting, app containers failed to respond to health check"),
    ({"destroy": 1}, ("scale", {"web": 0}), "aborting, failed to destroy some containers"),
], ids=["create", "health", "destroy"])
def test_10_4_message_of_an_engine_that_fails(world, bob, rates, change, message):
    app = world.deployed(bob)
    with world.target.failures(**rates):
        answer = bob.post(f"/apps/{app}/{change[0]}/", change[1]).expect(503)
    assert answer["detail"] == message


@pytest.mark.injection
def test_10_4_messages_of_what_is_not_there(world, bob, live):
    with world.target.settings(run="disabled"):
        bob.post(f"/apps/{live}/run", {"command": "ls"}).refuses(
            400, {"detail": "Support for admin commands is not configured"})
    with world.target.settings(logger="disabled"):
        assert bob.get(f"/apps/{live}/logs").expect(500).text == f"Error accessing logs for {live}"


@pytest.mark.parametrize("path, field, maximum", [
    ("/auth/register/", "username", 30), ("/auth/register/", "first_name", 30), ("/auth/register/", "last_name", 30),
    ("/auth/register/", "password", 128), ("/auth/register/", "email", 75), ("/apps/", "id", 64), ("/keys/", "id", 128)])
def test_10_1_longest_texts(world, bob, path, field, maximum):
    body = {"username": fresh_name("u"), "password": "p", "email": "", field: "a" * (maximum + 1)}
    messages = bob.post(path, body).expect(400)[field]
    assert f"Ensure this field has no more than {maximum} characters." in messages


COMPONENTS = ("builder cache controller database logger logspout publisher registry router store-admin store-daemon "
              "store-gateway store-metadata store-monitor").split()


@pytest.mark.parametrize("component", COMPONENTS)
def test_10_3_images_of_components_are_refused(bob, shop, component):
    bob.post(f"/apps/{shop}/builds/", {"image": f"deis/{component}"}).refuses(
        403, {"detail": f"Repository name deis/{component} is not allowed"})
