"""House rule R1 (CONTRIBUTING.md): finds the co_await expressions that g++ 12 compiles into double frees.

    python3 -m tests.lint.coro_lint [build folder]

Runs clang-query with coro.query over every source of ours with a co_await and the headers of ours that it includes. Prints what it found; exit code 1 when
there is something, or when a file could not be read as C++ (then nothing is known about it).
"""

import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

from tests.lint.sources import SOURCE, tracked

QUERY = pathlib.Path(__file__).with_name("coro.query")
INCLUDE = re.compile(r'^#include "(/.*\.cpp)"', re.MULTILINE)


def sources_by_unit(build):
    """What the compiler is given, with our sources in it: a file of its own, or CMake's unity file that includes several."""
    units = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        unit = pathlib.Path(entry["directory"], entry["file"]).resolve()
        included = INCLUDE.findall(unit.read_text()) if unit.is_relative_to(build.resolve()) else []
        units[unit] = {pathlib.Path(path).resolve() for path in included} or {unit}
    return units


def check(build, path):
    """None when the file keeps the rule, else clang-query's words."""
    done = subprocess.run(["clang-query-19", "-p", str(build), "-f", str(QUERY), str(path)],
                          capture_output=True, text=True)
    broken = "binds here" in done.stdout
    unreadable = done.returncode != 0 or "error:" in done.stderr
    return done.stdout + done.stderr if broken or unreadable else None


def main(build):
    awaiting = {(SOURCE / path).resolve() for path in tracked("*.cpp") if "co_await" in (SOURCE / path).read_text()}
    units = {unit: sources & awaiting for unit, sources in sources_by_unit(build).items() if sources & awaiting}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        found = [words for words in pool.map(lambda unit: check(build, unit), units) if words]
    print(*found, sep="\n", end="")
    checked = set().union(*units.values())
    print(f"{len(checked)} files with coroutines checked, {len(found)} compilations with findings")
    return 1 if found or not checked else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else SOURCE / "build" / "release")))
