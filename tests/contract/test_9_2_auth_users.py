"""9.2 Auth and users."""

import re

import pytest

from .http import JSON, User
from .world import fresh_name, register

USER_KEYS = {"email", "username", "first_name", "last_name", "is_superuser", "is_staff", "groups", "user_permissions",
             "last_login", "date_joined", "is_active"}
WRONG_LOGIN = {"non_field_errors": ["Unable to log in with provided credentials."]}
FORBIDDEN = {"detail": "You do not have permission to perform this action."}
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def log_in(world, name, password):
    return world.api.post("/auth/login/", {"username": name, "password": password})


def account(name, **more):
    return {"username": name, "password": "password", "email": f"{name}@example.com", **more}


# --- registration ---------------------------------------------------------------------------------------

def test_9_2_register_is_201_with_only_the_listed_keys(world):
    name = fresh_name("ann")
    made = world.api.post("/auth/register/", account(name, first_name="Ann", last_name="Onym")).expect(201).json()
    assert set(made) == USER_KEYS
    assert (made["username"], made["email"], made["first_name"], made["last_name"]) == \
        (name, f"{name}@example.com", "Ann", "Onym")
    assert made["is_active"] is True and made["groups"] == [] and made["user_permissions"] == []
    assert ISO.fullmatch(made["last_login"]) and ISO.fullmatch(made["date_joined"])


def test_9_2_register_ignores_flags_from_the_body(world):
    made = world.api.post("/auth/register/", account(fresh_name("eve"), is_superuser=True, is_staff=True)).expect(201)
    assert made["is_superuser"] is False and made["is_staff"] is False


def test_9_2_register_treats_a_missing_email_as_empty(world):
    body = account(fresh_name("ann"))
    del body["email"]
    assert world.api.post("/auth/register/", body).expect(201)["email"] == ""


def test_9_2_register_turns_a_number_into_a_name(world):
    number = int(fresh_name("1").split("-")[1]) + 5_500_000
    assert world.api.post("/auth/register/", account(number)).expect(201)["username"] == str(number)


def test_9_2_register_names_every_bad_field(world):
    answer = world.api.post("/auth/register/", {"username": "white space", "email": "nonsense"}).expect(400)
    assert answer["password"] == ["This field is required."]
    assert set(answer.json()) == {"username", "password", "email"}


def test_9_2_register_refuses_a_name_that_is_taken(world):
    bob = world.user("bob")
    world.api.post("/auth/register/", account(bob.name)).refuses(400, {"username": ["This field must be unique."]})
    world.api.post("/auth/register/", account("AnonymousUser")).expect(400)


@pytest.mark.settings
def test_9_2_mode_disabled_is_403_for_everybody(world):
    with world.target.registration_mode("disabled"):
        for token in (None, world.admin.token):
            answer = world.api.post("/auth/register/", account(fresh_name("ann")), token=token)
            answer.refuses(403, {"detail": "Registration is disabled"})


@pytest.mark.settings
def test_9_2_mode_admin_only_is_403_for_anonymous_callers_and_201_for_an_admin(world):
    bob = world.user("bob")
    with world.target.registration_mode("admin_only"):
        answer = world.api.post("/auth/register/", account(fresh_name("ann")))
        answer.refuses(403, {"detail": "Authentication credentials were not provided."})
        bob.post("/auth/register/", account(fresh_name("ann"))).refuses(403, FORBIDDEN)
        world.admin.post("/auth/register/", account(fresh_name("ann"))).expect(201)


def test_9_2_mode_enabled_takes_a_bad_token_for_none(world):
    world.api.post("/auth/register/", account(fresh_name("ann")), token="0" * 40).expect(201)


# --- login and password ---------------------------------------------------------------------------------

def test_9_2_login_accepts_a_form(world):
    bob = world.user("bob")
    login = world.api.post("/auth/login/", form={"username": bob.name, "password": bob.password}).expect(200)
    assert login.json() == {"token": bob.token}
    assert re.fullmatch("[0-9a-f]{40}", bob.token)


def test_9_2_login_with_a_wrong_password_is_400(world):
    bob = world.user("bob")
    log_in(world, bob.name, "wrong").refuses(400, WRONG_LOGIN)
    log_in(world, fresh_name("nobody"), "wrong").refuses(400, WRONG_LOGIN)


def test_9_2_login_names_the_field_that_is_missing(world):
    world.api.post("/auth/login/", {"username": "ann"}).refuses(400, {"password": ["This field is required."]})


def test_9_2_after_a_password_change_only_the_new_one_works(world):
    bob = world.user("bob")
    changed = bob.post("/auth/passwd/", {"password": bob.password, "new_password": "new one"}).expect(200)
    assert changed.json() == {"status": "password set"}
    log_in(world, bob.name, bob.password).refuses(400, WRONG_LOGIN)
    assert log_in(world, bob.name, "new one").expect(200)["token"] == bob.token, "tokens stay valid"


def test_9_2_wrong_current_password_is_400_with_the_exact_text(world):
    bob = world.user("bob")
    answer = bob.post("/auth/passwd/", {"password": "wrong", "new_password": "new one"})
    answer.refuses(400, {"detail": "Current password does not match"})
    assert answer.content_type == JSON


def test_9_2_password_change_names_the_field_that_is_missing(world):
    bob = world.user("bob")
    assert "new_password" in bob.post("/auth/passwd/", {"password": bob.password}).expect(400).json()
    assert "password" in bob.post("/auth/passwd/", {"new_password": "new one"}).expect(400).json()


def test_9_2_an_admin_sets_anothers_password_without_the_old_one(world):
    bob = world.user("bob")
    world.admin.post("/auth/passwd/", {"username": bob.name, "new_password": "given"}).expect(200)
    log_in(world, bob.name, "given").expect(200)


def test_9_2_a_third_user_may_not_set_anothers_password(world):
    bob, eve = world.user("bob"), world.user("eve")
    body = {"username": bob.name, "password": bob.password, "new_password": "stolen"}
    eve.post("/auth/passwd/", body).refuses(403, FORBIDDEN)


def test_9_2_a_user_may_name_himself_in_a_password_change(world):
    bob = world.user("bob")
    body = {"username": bob.name, "password": bob.password, "new_password": "new one"}
    bob.post("/auth/passwd/", body).expect(200)


# --- cancel ---------------------------------------------------------------------------------------------

def test_9_2_cancel_removes_oneself(world):
    bob = world.user("bob")
    assert bob.delete("/auth/cancel/").expect(204).body == b""
    log_in(world, bob.name, bob.password).refuses(400, WRONG_LOGIN)
    bob.get("/apps/").refuses(401, {"detail": "Invalid token"})


def test_9_2_cancel_of_another_is_403_for_a_normal_user_and_204_for_an_admin(world):
    bob, eve = world.user("bob"), world.user("eve")
    eve.delete("/auth/cancel/", {"username": bob.name}).refuses(403, FORBIDDEN)
    bob.get("/apps/").expect(200)
    world.admin.delete("/auth/cancel/", {"username": bob.name}).expect(204)
    bob.get("/apps/").expect(401)
    world.admin.delete("/auth/cancel/", {"username": bob.name}).refuses(404, {"detail": "Not found"})


def test_9_2_cancel_is_409_when_the_target_owns_an_app(world):
    bob, chief = world.user("bob"), world.user("chief")
    world.admin.post("/admin/perms/", {"username": chief.name}).expect(201)
    for owner in (bob, chief):
        app = world.app(owner)
        for caller, body in ((owner, {}), (world.admin, {"username": owner.name})):
            detail = caller.delete("/auth/cancel/", body).expect(409)["detail"]
            assert detail.startswith(f"{owner.name} still has applications assigned. ")
        owner.delete(f"/apps/{app}/").expect(204)
        owner.delete("/auth/cancel/").expect(204)


# --- tokens ---------------------------------------------------------------------------------------------

def test_9_2_regenerate_returns_another_token_and_the_old_one_is_invalid(world):
    bob = world.user("bob")
    old = bob.token
    new = bob.post("/auth/tokens/").expect(200)["token"]
    assert new != old and re.fullmatch("[0-9a-f]{40}", new)
    bob.get("/apps/").refuses(401, {"detail": "Invalid token"})
    User(world.api, bob.name, bob.password, new).get("/apps/").expect(200)


def test_9_2_regenerate_for_another_is_for_admins(world):
    bob, eve = world.user("bob"), world.user("eve")
    for body in ({"username": bob.name}, {"username": eve.name}, {"all": True}):
        eve.post("/auth/tokens/", body).refuses(403, FORBIDDEN)
    token = world.admin.post("/auth/tokens/", {"username": bob.name}).expect(200)["token"]
    assert token != bob.token
    world.admin.post("/auth/tokens/", {"username": fresh_name("nobody")}).refuses(404, {"detail": "Not found"})


@pytest.mark.everybody
def test_9_2_regenerate_all_invalidates_the_callers_own_token(world):
    bob = world.user("bob")
    try:
        assert world.admin.post("/auth/tokens/", {"all": True}).expect(200).json() == ""
        for user in (world.admin, bob):
            user.get("/apps/").refuses(401, {"detail": "Invalid token"})
    finally:
        world.admin.log_in()


# --- listing --------------------------------------------------------------------------------------------

def test_9_2_users_list_shows_an_admin_all_users_and_is_403_otherwise(world):
    bob = world.user("bob")
    users = world.admin.get("/users/?page_size=100000").expect(200)
    assert {user["username"] for user in users["results"]} >= {world.admin.name, bob.name}
    assert users["count"] == len(users["results"])
    assert all(set(user) == USER_KEYS for user in users["results"])
    bob.get("/users/").refuses(403, FORBIDDEN)


def test_9_2_first_user_of_a_world_is_no_anonymous_row(world):
    names = {user["username"] for user in world.admin.results("/users/?page_size=100000")}
    assert "AnonymousUser" not in names


def test_9_2_registration_with_a_stored_token_of_somebody_works(world):
    bob = world.user("bob")
    register(world.api, fresh_name("joe"), token=bob.token)
