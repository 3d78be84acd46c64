"""9.2 Auth and users: who is the administrator. A module of its own, since it empties the controller."""

import pytest


@pytest.mark.fresh
def test_9_2_the_first_user_is_superuser_and_the_second_is_not(target):
    target.reset()
    made = []
    for name in ("first", "second", "third"):
        body = {"username": name, "password": "password", "email": "", "is_superuser": name == "third"}
        made.append(target.api.post("/auth/register/", body).expect(201))
    assert [user["is_superuser"] for user in made] == [True, False, False]
    assert [user["is_staff"] for user in made] == [True, False, False]
