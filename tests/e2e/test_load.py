"""Must show 3: ten deploys and config changes under load without a failed request."""

import pytest

from .platform import App, ROOT


@pytest.fixture(scope="module")
def busy(platform):
    app = App(platform.user("load"), "busy", ROOT / "examples" / "guestbook").create()
    app.push()
    yield app
    app.destroy()


def test_ten_deploys_and_config_changes_under_load_fail_no_request(platform, busy):
    busy.deis("scale", "web=2")
    with platform.under_load(busy, connections=16):
        for change in range(5):
            busy.deis("config:set", f"CHANGE={change}")
            busy.write("change.txt", str(change))
            busy.commit(f"change {change}")
            busy.push()
            assert busy.get("/env/CHANGE")[1].strip() == str(change)


def test_scaling_under_load_fails_no_request(platform, busy):
    with platform.under_load(busy, connections=8):
        for count in (3, 1, 4, 1):
            busy.deis("scale", f"web={count}")
