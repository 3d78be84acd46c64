"""House rule R1 (CONTRIBUTING.md): finds the co_await expressions that g++ 12 compiles into double frees.

    python3 -m tests.lint.coro_lint [build folder]

Runs clang-query with coro.query over every source of ours with a co_await. Prints what it found; exit code 1 when
there is something, or when a file could not be read as C++ (then nothing is known about it).
"""

import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

from tests.lint.sources import SOURCE, tracked

QUERY = pathlib.Path(__file__).with_name("coro.query")


def compiled_sources(build):
    commands = json.loads((build / "compile_commands.json").read_text())
    return {pathlib.Path(entry["directory"], entry["file"]).resolve() for entry in commands}


def check(build, path):
    """None when the file keeps the rule, else clang-query's words."""
    done = subprocess.run(["clang-query-19", "-p", str(build), "-f", str(QUERY), str(path)],
                          capture_output=True, text=True)
    broken = "binds here" in done.stdout
    unreadable = done.returncode != 0 or "error:" in done.stderr
    return done.stdout + done.stderr if broken or unreadable else None


def main(build):
    compiled = compiled_sources(build)
    awaiting = [SOURCE / path for path in tracked("*.cpp") if "co_await" in (SOURCE / path).read_text()]
    todo = [path for path in awaiting if path.resolve() in compiled]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        found = [words for words in pool.map(lambda path: check(build, path), todo) if words]
    print(*found, sep="\n", end="")
    print(f"{len(todo)} files with coroutines checked, {len(found)} with findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else SOURCE / "build" / "release")))
