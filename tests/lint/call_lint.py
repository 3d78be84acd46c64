"""No shell sees user data: `system`, `popen` and `sh -c` do not occur in C++ (CONTRIBUTING.md). Prints every place;
exit code 1 when there is one."""

import re
import sys

from tests.lint.sources import SOURCE, cpp_files

COMMENT = re.compile(r"//[^\n]*")
FORBIDDEN = [
    (re.compile(r"(?<![\w.>])(?:std::|::)?(?:system|popen|wordexp)\s*\("), "runs a shell"),
    (re.compile(r'"(?:/bin/|/usr/bin/)?(?:ba|da)?sh"\s*,\s*"-\w*c"'), "runs a shell"),
]


def violations(path, text):
    for number, line in enumerate(text.splitlines(), 1):
        code = COMMENT.sub("", line)
        for pattern, why in FORBIDDEN:
            if pattern.search(code):
                yield f"{path}:{number}: {why}: {line.strip()}"


def main():
    found = [v for path in cpp_files() for v in violations(str(path), (SOURCE / path).read_text())]
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
