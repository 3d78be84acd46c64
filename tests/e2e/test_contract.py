"""The black-box tests of the API (tests/contract) against the real platform, through its router, with real containers. What only
contract mode can show, because it needs injected failures, is skipped there and runs in script/test's stage `contract`:
failing engines (create, start, destroy, run), failing loggers, one-off commands that are not configured, a lock that is held for
long, the first user of an empty controller."""

import re

from .platform import CONTROLLER, ROOT

IMAGE = "localhost:5000/contract/web:1"


def test_contract_of_the_api_holds_on_the_platform(platform):
    platform.docker("build", "-q", "-t", IMAGE, str(ROOT / "tests" / "contract" / "image"), timeout=300)
    platform.docker("push", IMAGE, timeout=300)
    env = {
        "DEIS_CONTRACT_URL": CONTROLLER, "DEIS_CONTRACT_TOKEN": platform.admin.token(), "DEIS_CONTRACT_IMAGE": IMAGE,
        "DEIS_CONTRACT_REGISTRY": "http://127.0.0.1:5000", "DEIS_CONTRACT_ETCD": "http://127.0.0.1:2379",
        "DEIS_CONTRACT_DISPOSABLE": "1", "DEIS_CONTRACT_OURS": "1"}
    argv = ["env", f"--chdir={ROOT}", "/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--durations=10", "tests/contract"]
    done = platform.host.run(argv, env=env, timeout=2400, check=False)
    (platform.host.directory / "contract.log").write_text(done.stdout + done.stderr)
    assert done.returncode == 0, done.stdout[-20000:] + done.stderr[-2000:]
    passed = int(re.search(r"(\d+) passed", done.stdout)[1])
    assert passed > 250, f"only {passed} tests ran"
