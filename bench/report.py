"""What a benchmark writes: bench/results/<name>.json, and the table that script/bench prints."""

import json
import os
import platform
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results"


@dataclass
class Row:
    """One measured figure. `ratio` is ours / theirs unless the benchmark says another, as the median of its rounds' ratios; `runs`
    holds every single reading of ours."""

    metric: str
    unit: str
    ours: float
    goal: str
    runs: list
    peer: str | None = None
    theirs: float | None = None
    ratio: float | None = None

    def __post_init__(self):
        self.ours = round(self.ours, 4)
        if self.theirs is not None:
            self.theirs = round(self.theirs, 4)
            self.ratio = round(self.ratio or self.ours / self.theirs, 4)


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} x {model}, {gib:.0f} GiB, Linux {platform.release().split('-')[0]}"


def commit():
    head = subprocess.run(["git", "rev-parse", "--short=12", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return head.stdout.strip() or "unknown"


def save(name, rows):
    RESULTS.mkdir(parents=True, exist_ok=True)
    shared = {"commit": commit(), "machine": machine()}
    text = json.dumps([asdict(row) | shared for row in rows], indent=2)
    (RESULTS / f"{name}.json").write_text(text + "\n")


def table(name, rows):
    head = (name, "unit", "ours", "peer", "theirs", "ratio", "goal")
    lines = [head] + [
        (r.metric, r.unit, f"{r.ours:g}", r.peer or "-", "-" if r.theirs is None else f"{r.theirs:g}",
         "-" if r.ratio is None else f"{r.ratio:.3f}", r.goal)
        for r in rows
    ]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines)
