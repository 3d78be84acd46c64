"""What the lints look at: the files that git knows (and new ones it does not ignore), without samples of bad code."""

import pathlib
import subprocess

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SAMPLES = pathlib.Path("tests/lint/samples")


def tracked(*patterns):
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns],
                            cwd=SOURCE, check=True, capture_output=True, text=True).stdout
    paths = (pathlib.Path(name) for name in sorted(set(listed.split("\0"))) if name)
    return [path for path in paths if SAMPLES not in path.parents and (SOURCE / path).exists()]


def cpp_files():
    return tracked("*.cpp", "*.h")
