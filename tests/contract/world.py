"""What the tests of one module share: an administrator, and ways to make users and apps that nobody else has."""

import itertools
import time
import uuid

from .http import User

PROCFILE = {"web": "exec serve", "worker": "exec work"}
SHA = "01234567"
_numbers = itertools.count(1)


def fresh_name(prefix):
    """A name for users and apps alike that is nobody else's, on a platform that others use too."""
    return f"{prefix}-{next(_numbers)}-{uuid.uuid4().hex[:6]}"


def wait_until(condition, seconds, what):
    """Returns what `condition` returns as soon as that is true."""
    end = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.02)


class World:
    def __init__(self, target, admin):
        self.target, self.api, self.admin = target, target.api, admin
        self.apps = []

    # --- users -----------------------------------------------------------------------------------

    def user(self, prefix="user"):
        return register(self.api, fresh_name(prefix))

    # --- apps ------------------------------------------------------------------------------------

    def app(self, owner, id=None):
        """An app without a build."""
        id = id or fresh_name("app")
        owner.post("/apps/", {"id": id}).expect(201)
        self.apps.append(id)
        return id

    def destroy_apps_but(self, kept):
        for app in [app for app in self.apps if app not in kept]:
            self.admin.delete(f"/apps/{app}/")  # the test may have done it
            self.apps.remove(app)

    def deployed(self, owner, **build):
        """An app with one container: `web` unless the build says otherwise."""
        id = self.app(owner)
        self.deploy(owner, id, **build)
        return id

    def deploy(self, user, app, **build):
        return user.post(f"/apps/{app}/builds/", self.build(app, **build)).expect(201)

    def build(self, app, sha=SHA, procfile=PROCFILE, dockerfile="true", image=None):
        """The body of a build that can run: pushed by git when there is a sha, else imported."""
        image = image or (self.target.pushed_image(app, sha) if sha else self.target.image)
        body = {"image": image, "sha": sha, "procfile": procfile, "dockerfile": dockerfile}
        return {key: value for key, value in body.items() if value}

    def states(self, user, app):
        return {f"{c['type']}.{c['num']}": c["state"] for c in user.results(f"/apps/{app}/containers/")}

    def release_count(self, user, app):
        return user.count(f"/apps/{app}/releases/")


def register(api, name, password="correct horse", token=None):
    """Registers and logs in."""
    body = {"username": name, "password": password, "email": "somebody@example.com"}
    api.post("/auth/register/", body, token=token).expect(201)
    return User(api, name, password, None).log_in()
