"""What is tested: a controller in contract mode, which the tests start, fail and empty at will, or a running platform.

A running platform is told by the environment:
  DEIS_CONTRACT_URL         its controller, e.g. http://deis.example.com
  DEIS_CONTRACT_TOKEN       an administrator's token
  DEIS_CONTRACT_IMAGE       an image the platform can run, made from tests/contract/image (see there)
  DEIS_CONTRACT_REGISTRY    the platform's registry, e.g. http://127.0.0.1:5000: images of pushes are copied there
  DEIS_CONTRACT_ETCD        its etcd, e.g. http://127.0.0.1:2379: for the builder's key and the registration mode
  DEIS_CONTRACT_DISPOSABLE  1 when nobody minds that all tokens change and registration closes for a moment
  DEIS_CONTRACT_OURS        1 when it is of this source: what it lacks then fails the tests that ask for it
"""

import contextlib
import http.server
import json
import os
import threading
import urllib.parse
import urllib.request

import requests

from .controller import SOURCE, running_controller
from .etcd import Etcd
from .http import Api, User
from .recorder import Recorder
from .world import World, fresh_name, register, wait_until

# What a test may ask for by a marker, and why it is skipped where that is not to be had.
NEEDS = {
    "injection": "failures can only be injected in contract mode",
    "fresh": "needs a controller that nobody else uses",
    "containers": "needs real containers",
    "settings": "changes a setting of the platform: DEIS_CONTRACT_ETCD and DEIS_CONTRACT_DISPOSABLE",
    "everybody": "logs everybody out: DEIS_CONTRACT_DISPOSABLE",
    "etcd": "needs etcd: DEIS_CONTRACT_ETCD",
}


@contextlib.contextmanager
def target_from_environment():
    if os.environ.get("DEIS_CONTRACT_URL"):
        yield RunningPlatform(os.environ)
        return
    with running_controller() as controller:
        yield ContractMode(controller)
        (SOURCE / "build" / "contract-controller.log").write_text(controller.script("logs").stdout)


class Target:
    api, etcd, domain, image = None, None, None, None
    can = frozenset()
    is_ours = False  # of this source: nothing that it should have may be missing unnoticed
    never = frozenset()  # of NEEDS, what a target of this kind cannot have; tests of the other kind show it
    reserved_names = ("deis",)
    _builder_key, _paths = None, None

    @property
    def paths(self):
        """Those of the controller's OpenAPI document."""
        if self._paths is None:
            self._paths = frozenset(self.api.get("/openapi.json").expect(200)["paths"])
        return self._paths

    @property
    def builder_key(self):
        if self._builder_key is None:
            self._builder_key = self.etcd.get("/deis/controller/builderKey")
        return self._builder_key

    def expect_app_log(self, user, app, text):
        """Waits for a line of the app's log: it travels through the logger."""
        wait_until(lambda: text in user.get(f"/apps/{app}/logs").text, 30, f"'{text}' in the log of {app}")


class ContractMode(Target):
    never = frozenset({"containers"})
    can = frozenset(NEEDS) - never
    is_ours = True
    image = "example/web:1"

    def __init__(self, controller):
        self.controller, self.domain = controller, controller.domain
        self.api = Api(controller.url, Recorder())
        self.etcd = Etcd(f"http://127.0.0.1:{controller.port_of('etcd')}")

    def _admin(self, method, path, body=None):
        url = f"http://127.0.0.1:{self.controller.port_of('admin')}/stand-alone/{path}"
        answer = requests.request(method, url, data=body, timeout=30)
        assert answer.ok, f"{method} {url}: {answer.status_code} {answer.text}"
        return answer

    def reset(self):
        self._admin("POST", "reset")

    def world(self):
        """An empty controller whose first user is the administrator."""
        self.reset()
        return World(self, register(self.api, "admin"))

    # --- what happens --------------------------------------------------------------------------------

    @contextlib.contextmanager
    def settings(self, **values):
        before = self._admin("GET", "settings").json()
        names = {name.replace("_", "."): str(value) for name, value in values.items()}
        self._admin("POST", "settings", names)
        try:
            yield
        finally:
            self._admin("POST", "settings", {name: before[name] for name in names})

    def failures(self, **rates):
        """create, start, stop, destroy, run, health: 0 to 1."""
        return self.settings(**{f"failure_{what}": rate for what, rate in rates.items()})

    def slow_starts(self, seconds):
        return self.settings(time_start=seconds, time_health=3 * seconds)

    def registration_mode(self, mode):
        return self.settings(registrationMode=mode)

    @contextlib.contextmanager
    def logger(self, status, body):
        """A logger that gives this answer; yields what it was asked."""
        asked = []

        class Logger(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Logger) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                with self.settings(logger=f"http://127.0.0.1:{server.server_address[1]}"):
                    yield asked
            finally:
                server.shutdown()
                thread.join()

    def pushed_image(self, app, sha):
        return app  # images are taken on trust


class RunningPlatform(Target):
    never = frozenset({"injection", "fresh"})

    def __init__(self, env):
        self.api = Api(env["DEIS_CONTRACT_URL"], Recorder())
        self.token = env["DEIS_CONTRACT_TOKEN"]
        self.domain = self.api.host.partition(".")[2]
        self.image = env["DEIS_CONTRACT_IMAGE"]
        self.registry = env.get("DEIS_CONTRACT_REGISTRY", "").rstrip("/")
        self.etcd = Etcd(env["DEIS_CONTRACT_ETCD"]) if env.get("DEIS_CONTRACT_ETCD") else None
        self.reserved_names = (self.api.host.partition(".")[0],)
        can = {"containers"}
        if self.etcd:
            can.add("etcd")
        if env.get("DEIS_CONTRACT_DISPOSABLE") == "1":
            can |= {"everybody", "settings"} if self.etcd else {"everybody"}
        self.can = frozenset(can)
        self.is_ours = env.get("DEIS_CONTRACT_OURS") == "1"
        self._world = None

    def world(self):
        """The administrator is the suite's own, so that the one who lent his token keeps it out of the tests."""
        if self._world is None:
            admin = register(self.api, fresh_name("contract-admin"))
            lender = User(self.api, "?", "?", self.token)
            lender.post("/admin/perms/", {"username": admin.name}).expect(201)
            self._world = World(self, admin)
        return self._world

    def reset(self):
        raise AssertionError("a running platform is not emptied")

    @contextlib.contextmanager
    def registration_mode(self, mode):
        key = "/deis/controller/registrationMode"
        before = self.etcd.get(key)
        self.etcd.put(key, mode)
        try:
            self._wait_for_mode(mode)
            yield
        finally:
            self.etcd.put(key, before) if before is not None else self.etcd.delete(key)
            self._wait_for_mode(before or "enabled")

    def _wait_for_mode(self, mode):
        refusals = {"enabled": 400, "disabled": 403, "admin_only": 403}  # of an empty registration
        wait_until(lambda: self.api.post("/auth/register/").status == refusals[mode], 10, f"registration is {mode}")

    def pushed_image(self, app, sha):
        """Where a push would have put its image: a copy of the test image, made by the registry itself."""
        source = self.image.split("/", 1)[1]
        repository, tag = source.rsplit(":", 1)
        types = "application/vnd.docker.distribution.manifest.v2+json"
        manifest, _ = self._registry("GET", f"{repository}/manifests/{tag}", headers={"Accept": types})
        parsed = json.loads(manifest)
        for digest in [parsed["config"]["digest"], *(layer["digest"] for layer in parsed["layers"])]:
            query = urllib.parse.urlencode({"mount": digest, "from": repository})
            _, status = self._registry("POST", f"{app}/blobs/uploads/?{query}", b"")
            assert status == 201, f"the registry does not copy {digest} of {repository} to {app}: {status}"
        self._registry("PUT", f"{app}/manifests/git-{sha}", manifest, {"Content-Type": types})
        return app

    def _registry(self, method, path, body=None, headers=None):
        request = urllib.request.Request(f"{self.registry}/v2/{path}", body, headers or {}, method=method)
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.read(), response.status

    def app_status(self, app, path):
        """The status of a page of the app, through the router."""
        netloc = f"{app}.{self.domain}" + (f":{self.api.port}" if self.api.port else "")
        connection = self.api.connect()
        try:
            connection.request("GET", path, headers={"Host": netloc})
            return connection.getresponse().status
        finally:
            connection.close()
