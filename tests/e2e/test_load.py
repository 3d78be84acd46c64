"""Must show 3: ten deploys and config changes under load without a failed request."""

import re

from .platform import App, ROOT


def test_ten_deploys_and_config_changes_under_load_fail_no_request(platform):
    user = platform.user("load")
    app = App(user, "busy", ROOT / "examples" / "guestbook").create()
    app.push()
    app.deis("scale", "web=2")
    wrk = platform.popen(
        ["wrk", "-t1", "-c16", "-d600s", "--timeout", "20s", "-H", "Host: busy.localhost", "http://127.0.0.1/"])
    try:
        for change in range(5):
            app.deis("config:set", f"CHANGE={change}")
            app.write("change.txt", str(change))
            app.commit(f"change {change}")
            app.push()
            assert app.get("/env/CHANGE")[1].strip() == str(change)
    finally:
        report = platform.interrupt(wrk)
    app.destroy()
    requests = int(re.search(r"(\d+) requests in", report).group(1))
    assert requests > 1000, report
    assert "Non-2xx" not in report, report
    assert "Socket errors" not in report, report


def test_scaling_under_load_fails_no_request(platform):
    user = platform.user("scale")
    app = App(user, "elastic", ROOT / "examples" / "guestbook").create()
    app.push()
    wrk = platform.popen(
        ["wrk", "-t1", "-c8", "-d600s", "--timeout", "20s", "-H", "Host: elastic.localhost", "http://127.0.0.1/"])
    try:
        for count in (3, 1, 4, 1):
            app.deis("scale", f"web={count}")
    finally:
        report = platform.interrupt(wrk)
    app.destroy()
    assert "Non-2xx" not in report, report
    assert "Socket errors" not in report, report
