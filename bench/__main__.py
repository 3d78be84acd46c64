"""python3 -m bench [name ...]: runs the benchmarks, prints their tables and writes bench/results/<name>.json."""

import importlib
import sys
import tempfile

from bench.report import save, table

NAMES = ("deploy", "memory", "router", "routes", "content", "faults", "publisher", "api", "rebuild", "cli")


def measure(name, platform):
    rows = importlib.import_module(f"bench.{name}").run(platform)
    save(name, rows)
    print(table(name, rows), flush=True)


def main(names):
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        sys.exit(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(NAMES)}")
    modules = {name: importlib.import_module(f"bench.{name}") for name in names or NAMES}
    alone = [name for name, module in modules.items() if not getattr(module, "NEEDS_PLATFORM", True)]
    for name in alone:
        measure(name, None)
    with_platform = [name for name in modules if name not in alone]
    if not with_platform:
        return
    from tests.e2e.conftest import installed_platform  # starts a test host: only when needed
    with tempfile.TemporaryDirectory() as scratch, installed_platform("bench", scratch) as platform:
        for name in with_platform:
            measure(name, platform)


if __name__ == "__main__":
    main(sys.argv[1:])
