"""Runs one command in a test host that exists only for it:  python3 -m tests.host <name> <number> <command...>"""

import subprocess
import sys

from tests.host import TestHost

if len(sys.argv) < 4:
    sys.exit(__doc__)

with TestHost(sys.argv[1], int(sys.argv[2])) as host:
    status = subprocess.call(host.command(sys.argv[3:]))
sys.exit(status)
