"""Whether visitors ever get another app's content while containers are killed, Docker is restarted and addresses are handed on."""

import os

from bench.report import Row
from tests.e2e import content

REQUESTS = int(os.environ.get("DEIS_BENCH_REQUESTS", "10000000"))


def run(platform):
    apps = content.Content(platform)
    try:
        (right, wrong, other, examples), moved = content.run(apps, requests=REQUESTS, restarts=3)
    finally:
        apps.destroy()
    assert not wrong, examples
    return [
        Row("requests", "", right + wrong + other, ">= 10,000,000", [right, wrong, other]),
        Row("answers of another app", "", wrong, "0", [wrong]),
        Row("addresses handed on to another app", "", moved, "> 0", [moved]),
        Row("answers that were errors while containers were gone", "", other, "-", [other]),
    ]
