"""Apps that answer their name, visited all the while their containers die and their addresses are handed on: an answer of 200 is
the asked app's own, or it is wrong. What else visitors see (502 and 503 while containers are gone) is counted, not judged."""

import random
import re
import tempfile
import time
from pathlib import Path

from .answering import deploy_answering
from .platform import wait_until

APPS, CONTAINERS, CONNECTIONS = 5, 2, 6
COUNT_EVERY, LONGEST = 60, 3600  # seconds

# wrk runs this: counts answers by what they are.
CHECK = """
local threads = {}
function setup(thread) table.insert(threads, thread) end
function init() right, wrong, other, example = 0, 0, 0, "" end
function response(status, headers, body)
  if status ~= 200 then other = other + 1
  elseif body == "NAME" then right = right + 1
  else wrong = wrong + 1; example = body end
end
function done()
  for _, thread in ipairs(threads) do
    print(string.format("counted %d %d %d %s", thread:get("right"), thread:get("wrong"), thread:get("other"), thread:get("example")))
  end
end
"""


class Content:
    """Five apps and their visitors: `start()`, `chaos()` once, or again and again, `result()`; `destroy()` in the end."""

    def __init__(self, platform):
        self.platform, self.random = platform, random.Random(1)
        self.scratch = Path(tempfile.mkdtemp(dir=platform.scratch))
        user = platform.user("content")
        self.apps = [self.deploy(user, f"named-{number}") for number in range(APPS)]
        self.right = self.wrong = self.other = 0
        self.examples = []  # of wrong ones
        self.visitors = []

    def start(self):
        self.visitors = [self.visit(app.name) for app in self.apps]

    def requests(self):
        return self.right + self.wrong + self.other

    def deploy(self, user, name):
        app = deploy_answering(user, name, text=name)
        app.deis("scale", f"cmd={CONTAINERS}")
        return app

    def visit(self, name):
        script = self.scratch / f"{name}.lua"
        script.write_text(CHECK.replace("NAME", name))
        return self.platform.popen(
            ["wrk", "-t1", f"-c{CONNECTIONS}", "-d3600s", "--timeout", "10s", "-s", str(script), "-H", f"Host: {name}.localhost", "http://127.0.0.1/"])

    def addresses(self):
        """Container address -> app, of those that run."""
        ids = self.platform.docker("ps", "-q", "--filter", "label=deis.role=app").stdout.split()
        form = '{{(index .NetworkSettings.Networks "deis-apps").IPAddress}} {{index .Config.Labels "deis.app"}}'
        lines = self.platform.docker("inspect", "-f", form, *ids, check=False).stdout.splitlines() if ids else []
        return {line.split()[0]: line.split()[1] for line in lines if len(line.split()) == 2}

    def chaos(self):
        """Kills a container of each of several apps at once, so that their addresses are handed on. Returns how many moved to another app."""
        before = self.addresses()
        victims = []
        for app in self.random.sample(self.apps, 3):
            ids = self.platform.docker("ps", "-q", "--filter", f"label=deis.app={app.name}").stdout.split()
            victims += self.random.sample(ids, min(len(ids), self.random.choice((1, 2))))
        self.random.shuffle(victims)
        if victims:
            self.platform.docker("kill", *victims, check=False)
        self.settle()
        after = self.addresses()
        return sum(1 for address, app in after.items() if before.get(address, app) != app)

    def restart_docker(self):
        self.platform.host.stop_docker()
        self.platform.host.start_docker()
        self.settle(120)

    def settle(self, seconds=60):
        wait_until(lambda: len(self.addresses()) == APPS * CONTAINERS, seconds, "every app has its containers again")

    def count(self):
        """Adds up what the visitors have seen; they are gone then."""
        for visitor in self.visitors:
            report = self.platform.interrupt(visitor)
            for line in re.findall(r"^counted (.*)$", report, re.MULTILINE):
                right, wrong, other, example = line.split(" ", 3)
                self.right, self.wrong, self.other = self.right + int(right), self.wrong + int(wrong), self.other + int(other)
                self.examples += [example] if example else []
        self.visitors = []

    def result(self):
        """(right, wrong, other answers, examples of wrong ones) since the last one."""
        self.count()
        result = self.right, self.wrong, self.other, self.examples
        self.right = self.wrong = self.other = 0
        self.examples = []
        return result

    def destroy(self):
        self.count()
        for app in self.apps:
            app.destroy()


def run(content, restarts, seconds=0, requests=0):
    """Chaos for so long and for so many requests, an hour at most, with so many restarts of Docker. Returns result() and how many
    addresses went to another app."""
    moved, begun, counted = 0, time.monotonic(), time.monotonic()
    done = 0
    while True:
        now = time.monotonic()
        if requests and now - counted > COUNT_EVERY:
            content.count()
            counted = now
        progress = max((now - begun) / LONGEST, min(
            (now - begun) / seconds if seconds else 1, content.requests() / requests if requests else 1))
        if progress >= 1 and done >= restarts:
            break
        if not content.visitors:
            content.start()
        moved += content.chaos()
        if done < restarts and progress > (done + 1) / (restarts + 1):
            content.restart_docker()
            done += 1
    return content.result(), moved
