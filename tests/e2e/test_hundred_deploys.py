"""A hundred deploys in a row, with every kind of visitor at the app all the while; the visitors of another app notice nothing."""

import json

from .platform import App, ROOT

SOURCE = ROOT / "tests" / "e2e" / "apps" / "visited"
DEPLOYS = 100


def test_a_hundred_deploys_in_a_row_fail_no_request_of_any_kind(platform):
    user = platform.user("hundred")
    app, other = App(user, "visited", SOURCE).create(), App(user, "bystander", SOURCE).create()
    app.push()
    other.push()
    visitors = platform.popen(["/usr/bin/python3", str(ROOT / "tests" / "e2e" / "visitors.py"), app.name, other.name, "80"])
    assert visitors.stdout.readline().strip() == "ready"
    try:
        for number in range(DEPLOYS):
            app.deis("config:set", f"NUMBER={number}")
        assert app.get("/env/NUMBER")[1] == str(DEPLOYS - 1)
    finally:
        output = visitors.communicate(timeout=120)[0]
    app.destroy()
    other.destroy()
    report = json.loads(output.splitlines()[-1])
    assert set(report) == {"new connections", "kept connections", "uploads", "slow answers", "websocket of the other app"}
    for kind, seen in report.items():
        assert seen["failed"] == 0 and seen["requests"] > 20, (kind, report)
