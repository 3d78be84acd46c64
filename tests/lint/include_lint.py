"""Dependencies point one way (ARCHITECTURE.md §1): a layer includes itself and the layers before it, a component
never another component. Tests and their fixtures in core may use neighbours in the same layer (to start a server).
Prints every include that breaks it; exit code 1 when there is one."""

import re
import sys

from tests.lint.sources import SOURCE, cpp_files

LAYERS = [["core/base"], ["core/json"], ["core/net"], ["core/process", "core/etcd", "core/docker"], ["core/component"]]
RANK = {folder: rank for rank, folders in enumerate(LAYERS) for folder in folders}
COMPONENT_RANK = len(LAYERS)

TEST_CODE = re.compile(r"_(test|fixture)\.(cpp|h)$")
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def layer_of(path):
    """The folder that counts as one unit, and its rank. Everything that is not core is a component."""
    parts = path.split("/")
    if parts[0] == "core":
        folder = "/".join(parts[:2])
        return folder, RANK.get(folder)
    return parts[0], COMPONENT_RANK


def broken_rule(path, included):
    """Why `path` may not include `included`; None when it may."""
    if "/" not in included:  # generated beside the source (deis_embed)
        return None
    own, rank = layer_of(path)
    other, other_rank = layer_of(included)
    if own == other:
        return None
    if rank is None or other_rank is None:
        return f"{own if rank is None else other} is not in the list of layers"
    if other_rank == COMPONENT_RANK:
        return f"{own} may not use {other}: components meet in etcd and over HTTP" if rank == COMPONENT_RANK \
            else f"{own} is below the components"
    if other_rank > rank or (other_rank == rank and not TEST_CODE.search(path)):
        return f"{own} is not above {other}"
    return None


def violations(path, text):
    for match in INCLUDE.finditer(text):
        reason = broken_rule(path, match.group(1))
        if reason:
            line = text.count("\n", 0, match.start(1)) + 1
            yield f'{path}:{line}: includes "{match.group(1)}": {reason}'


def main():
    found = [v for path in cpp_files() for v in violations(str(path), (SOURCE / path).read_text())]
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
