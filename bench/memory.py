"""The memory of our own processes on an idle platform: proportional set size, so that shared libraries count once."""

import re
import time

from bench.report import Row
from tests.e2e.platform import COMPONENTS

OURS = re.compile(r"(^|/)deis-[a-z]+\b")


def pss_kib(platform, pid):
    text = platform.host.run(["cat", f"/proc/{pid}/smaps_rollup"]).stdout
    return int(re.search(r"^Pss:\s+(\d+) kB", text, re.M).group(1))


def run(platform):
    readings = []
    for _ in range(3):
        time.sleep(5)  # idle is a duration, not a condition
        readings.append({
            component: sum(
                pss_kib(platform, pid) for pid, args in platform.processes_of(component)
                if OURS.search(args.split()[0]) or (len(args.split()) > 2 and OURS.search(args.split()[2])))
            for component in COMPONENTS})
    totals = [sum(reading.values()) / 1024 for reading in readings]
    rows = [Row("PSS of our processes, idle", "MiB", min(totals), "<= 150", [round(v, 2) for v in totals])]
    for component in COMPONENTS:
        values = [reading[component] / 1024 for reading in readings]
        rows.append(Row(f"  {component}", "MiB", min(values), "-", [round(v, 2) for v in values]))
    return rows
