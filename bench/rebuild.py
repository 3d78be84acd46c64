"""Building: all of it from nothing, and again after one source file was touched. Without ccache's help."""

import os
import shutil
import subprocess
import time

from bench.report import Row, ROOT, median

TOUCHED = ["router/main.cpp", "controller/api/apps.cpp", "core/net/http_client.cpp", "core/docker/containers.cpp"]


def seconds(argv):
    began = time.monotonic()
    done = subprocess.run(argv, cwd=ROOT, env=os.environ | {"CCACHE_DISABLE": "1"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return time.monotonic() - began


def run(_platform=None):
    directory = ROOT / "build" / "bench-rebuild"
    shutil.rmtree(directory, ignore_errors=True)
    configure = seconds(["cmake", "--preset", "release", "-B", str(directory)])
    full = seconds(["ninja", "-C", str(directory)])
    rows = [Row("full build with tests", "s", configure + full, "<= 480", [round(configure + full, 1)])]
    for name in TOUCHED:
        readings = []
        for _ in range(3):
            (ROOT / name).touch()
            readings.append(seconds(["ninja", "-C", str(directory)]))
        rows.append(Row(f"after touching {name}", "s", median(readings), "<= 20", [round(v, 1) for v in readings]))
    shutil.rmtree(directory)
    return rows


NEEDS_PLATFORM = False
