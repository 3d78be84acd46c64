"""Clients that do random valid operations on a few apps and note what they asked and what they were told."""

import http.client
import json
import multiprocessing
import random
import re
import threading
import time

from .model import App, Op, Release, pairs

TYPES = ("web", "worker")
MOST = 4  # containers of a type
KEYS = "ABCDE"
PAGE = 3
PROCESSES = 4


class Refused(Exception):
    """An answer that no valid operation may get."""


class Client:
    def __init__(self, port, token, number, owns):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.headers = {"Authorization": f"token {token}", "Content-Type": "application/json"}
        self.random = random.Random(number)
        self.number = number
        self.owns = owns  # the apps: only then it may take domains away
        self.serial = 0
        self.domains = {}  # app -> those of this client
        self.versions = {}  # app -> a version that it has
        self.history = {}  # app -> operations

    def unique(self, prefix):
        self.serial += 1
        return f"{prefix}{self.number}-{self.serial}"

    def call(self, method, path, body=None):
        self.connection.request(method, path, None if body is None else json.dumps(body), self.headers)
        answer = self.connection.getresponse()
        text = answer.read()
        return answer.status, answer.headers, json.loads(text) if text[:1] in b"{[" and text else text

    def note(self, app, kind, argument, method, path, body=None, good=(200,), read=lambda headers, body: None):
        begin = time.monotonic_ns()
        status, headers, answer = self.call(method, f"/v1/apps/{app}/{path}", body)
        end = time.monotonic_ns()
        if status not in good and not (status == 409 and method != "GET"):
            raise Refused(f"{method} /v1/apps/{app}/{path} {body}: {status} {answer}")
        answer = read(headers, answer) if status < 400 else answer
        self.history.setdefault(app, []).append(Op(kind, argument, begin, end, status, answer))
        return status, answer

    # --- writing ---

    def set_config(self, app):
        keys = self.random.sample(KEYS, self.random.randint(1, 2))
        change = {key: None if self.random.random() < 0.25 else self.unique("value") for key in keys}
        self.note(app, "set_config", change, "POST", "config/", {"values": change}, (201,), lambda headers, body: {
            "version": int(headers["Deis-Release"]), "uuid": body["uuid"], "values": body["values"]})

    def build(self, app):
        body = {"image": self.unique("example/image:"), "procfile": {name: "run " + name for name in TYPES}}
        status, answer = self.note(app, "build", None, "POST", "builds/", body, (201,), lambda headers, body: {
            "version": int(headers["Deis-Release"]), "uuid": body["uuid"]})
        if status == 201:
            self.versions[app] = max(self.versions.get(app, 2), answer["version"])

    def rollback(self, app):
        target = self.random.randint(2, self.versions.get(app, 2))  # the first release has no build
        self.note(app, "rollback", target, "POST", "releases/rollback/", {"version": target}, (201,),
                  lambda headers, body: {"version": body["version"]})

    def scale(self, app):
        types = self.random.sample(TYPES, self.random.randint(1, 2))
        counts = {name: self.random.randint(0, MOST) for name in types}
        self.note(app, "scale", counts, "POST", "scale/", counts, (204,))

    def add_domain(self, app):
        domain = self.unique("d") + f".{app}.example.com"
        status, _ = self.note(app, "add_domain", domain, "POST", "domains/", {"domain": domain}, (201,))
        if status == 201:
            self.domains.setdefault(app, []).append(domain)

    def remove_domain(self, app):
        own = self.domains.get(app)
        if own and self.owns:
            domain = own.pop(self.random.randrange(len(own)))
            status, _ = self.note(app, "remove_domain", domain, "DELETE", f"domains/{domain}", None, (204,))
            if status == 409:
                own.append(domain)

    def restart(self, app):
        self.note(app, "restart", None, "POST", "containers/restart/", None, (200,),
                  lambda headers, body: (len(body), containers_of(body)))

    # --- reading ---

    def get_config(self, app):
        self.note(app, "get_config", None, "GET", "config/", read=lambda headers, body: body)

    def get_releases(self, app):
        self.note(app, "get_releases", PAGE, "GET", f"releases/?page_size={PAGE}", read=lambda headers, body: [
            body["count"], [(r["version"], r["config"], r["build"]) for r in body["results"]]])

    def get_release(self, app):
        version = self.random.randint(1, self.versions.get(app, 2) + 5)
        self.note(app, "get_release", version, "GET", f"releases/v{version}/", None, (200, 404),
                  lambda headers, body: (body["version"], body["config"], body["build"]))

    def get_containers(self, app):
        self.note(app, "get_containers", None, "GET", "containers/",
                  read=lambda headers, body: (body["count"], containers_of(body["results"])))

    def get_app(self, app):
        self.note(app, "get_app", None, "GET", "", read=lambda headers, body: body["structure"])

    def get_domains(self, app):
        self.note(app, "get_domains", None, "GET", "domains/?page_size=1000",
                  read=lambda headers, body: (body["count"], [d["domain"] for d in body["results"]]))

    def run(self, app):
        self.note(app, "run", None, "POST", "run", {"command": "true"}, (200,),
                  lambda headers, body: int(re.search(r"_v(\d+)\.run\.", body[1]).group(1)))

    def get_logs(self, app):
        status, _, answer = self.call("GET", f"/v1/apps/{app}/logs?log_lines=5")
        if status != 200:
            raise Refused(f"logs of {app}: {status} {answer}")

    def list_apps(self, _app):
        status, _, answer = self.call("GET", "/v1/apps/")
        if status != 200 or answer["count"] != len(answer["results"]):
            raise Refused(f"list of apps: {status} {answer}")


def containers_of(results):
    return [(c["type"], c["num"], int(c["release"][1:])) for c in results]


WEIGHTS = {
    "set_config": 10, "build": 4, "rollback": 4, "scale": 8, "restart": 1, "add_domain": 4, "remove_domain": 3, "run": 2,
    "get_config": 8, "get_releases": 8, "get_release": 6, "get_containers": 8, "get_app": 8, "get_domains": 6,
    "get_logs": 2, "list_apps": 2,
}


def work(client, apps, deadline, failures):
    kinds, weights = list(WEIGHTS), list(WEIGHTS.values())
    try:
        while time.monotonic() < deadline and not failures:
            getattr(client, client.random.choices(kinds, weights)[0])(client.random.choice(apps))
    except Exception as error:  # whatever it is, it is the finding
        failures.append(f"client {client.number}: {type(error).__name__}: {error}")


def process_main(port, tokens, apps, numbers, deadline, pipe):
    failures = []
    clients = []
    for number in numbers:
        account = (number // PROCESSES) % len(tokens)  # the first one owns the apps
        clients.append(Client(port, tokens[account], number, owns=account == 0))
    threads = [threading.Thread(target=work, args=(client, apps, deadline, failures)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pipe.send(([client.history for client in clients], failures))
    pipe.close()


def hammer(port, tokens, apps, clients, seconds):
    """The operations by app, and what went wrong."""
    deadline = time.monotonic() + seconds
    context = multiprocessing.get_context("fork")
    readers, processes = [], []
    for share in range(PROCESSES):
        reader, writer = context.Pipe(duplex=False)
        numbers = range(share, clients, PROCESSES)
        process = context.Process(target=process_main, args=(port, tokens, apps, numbers, deadline, writer))
        process.start()
        writer.close()
        readers.append(reader)
        processes.append(process)
    history, failures = {app: [] for app in apps}, []
    for reader, process in zip(readers, processes):
        histories, failed = reader.recv()
        process.join()
        failures += failed
        for one in histories:
            for app, ops in one.items():
                history[app] += ops
    return history, failures


def look(controller, token, name):
    """The app as it is while nobody changes it."""
    def get(path):
        return controller.call("GET", f"/v1/apps/{name}/{path}", token).json()
    releases = sorted(get("releases/?page_size=10000")["results"], key=lambda r: r["version"])
    assert [r["version"] for r in releases] == list(range(1, len(releases) + 1))
    config = get("config/")
    assert releases[-1]["config"] == config["uuid"]
    counts = {}
    for container in get("containers/")["results"]:
        counts[container["type"]] = counts.get(container["type"], 0) + 1
    return App(
        releases=tuple(Release(r["config"], r["build"], pairs(config["values"])) for r in releases),
        counts=pairs(counts), structure=pairs(get("")["structure"]),
        domains=frozenset(d["domain"] for d in get("domains/?page_size=10000")["results"]))
