"""Must show 2: one app's life, from the first push to nothing left."""

import json

import pytest

from .platform import App, ROOT, wait_until


@pytest.fixture(scope="module")
def ann(platform):
    return platform.user("ann")


@pytest.fixture(scope="module")
def shop(ann):
    """The guestbook example, pushed once: web=1 is running."""
    app = App(ann, "shop", ROOT / "examples" / "guestbook").create()
    app.push_output = app.push().stderr
    yield app
    app.user.deis("destroy", "-a", app.name, f"--confirm={app.name}", check=False)


def test_push_shows_the_build_and_ends_with_the_release_and_url(shop):
    assert "-----> Building Docker image" in shop.push_output
    assert "done, shop:v2 deployed to Deis" in shop.push_output
    assert "http://shop.localhost" in shop.push_output


def test_pushed_page_is_served(shop):
    _, page = shop.get("/")
    assert "guestbook" in page.lower()


def test_second_push_changes_the_page(shop):
    source = shop.directory / "app.py"
    source.write_text(source.read_text().replace("Guestbook", "Guestbook Deluxe"))
    shop.commit("deluxe")
    before = shop.latest()
    shop.push()
    assert shop.latest() == before + 1
    assert "Guestbook Deluxe" in shop.get("/")[1]


def test_config_set_makes_a_release_whose_container_sees_the_value(shop):
    before = shop.latest()
    out = shop.deis("config:set", "COLOUR=blue and ünicode").stdout
    assert f"v{before + 1}" in out
    assert shop.get("/env/COLOUR")[1].strip() == "blue and ünicode"
    assert shop.get("/env/DEIS_RELEASE")[1].strip() == f"v{before + 1}"
    assert shop.get("/env/DEIS_APP")[1].strip() == "shop"


def test_scale_up_down_to_zero_and_up_again(shop):
    shop.deis("scale", "web=3")
    assert sorted(c["num"] for c in shop.containers() if c["type"] == "web") == [1, 2, 3]
    assert all(c["state"] == "up" for c in shop.containers())
    # Those that are new get a tenth of their share at first.
    wait_until(lambda: len({shop.get("/env/HOSTNAME")[1].strip() for _ in range(12)}) == 3, 30, "all three serve")
    shop.deis("scale", "web=0")
    status, _ = shop.get("/", check=False)
    assert status == 503
    shop.deis("scale", "web=1")
    shop.get("/")


def test_worker_runs_beside_web(shop):
    shop.deis("scale", "worker=1")
    assert {c["type"] for c in shop.containers()} == {"web", "worker"}
    listed = shop.deis("ps").stdout
    assert "--- web:" in listed and "--- worker:" in listed and "worker.1 up" in listed
    shop.deis("scale", "worker=0")


def test_rollback_brings_back_config_and_page(shop):
    good = shop.latest()
    shop.deis("config:set", "COLOUR=red")
    assert shop.get("/env/COLOUR")[1].strip() == "red"
    out = shop.deis("rollback", f"v{good}").stdout
    assert f"v{good + 2}" in out
    assert shop.get("/env/COLOUR")[1].strip() != "red"
    status, newest = shop.user.api("GET", f"/v1/apps/shop/releases/v{good + 2}/")
    assert status == 200 and newest["summary"] == f"{shop.user.name} rolled back to v{good}"


def test_run_returns_the_commands_exit_code_and_output(shop):
    done = shop.deis("run", "--", "echo", "hello from run", check=False)
    assert done.returncode == 0 and "hello from run" in done.stdout
    done = shop.deis("run", "--", "exit 7", check=False)
    assert done.returncode == 7
    done = shop.deis("run", "--", "echo oops >&2; exit 3", check=False)
    assert done.returncode == 3 and "oops" in done.stdout
    assert "DEIS_APP=shop" in shop.deis("run", "--", "env").stdout


def test_run_leaves_no_container(platform):
    argv = ("ps", "-aq", "-f", "label=deis.role=run", "-f", "label=deis.app=shop")
    wait_until(lambda: platform.docker(*argv).stdout.strip() == "", 10, "the container of the command is removed")


def test_logs_show_the_apps_own_lines_and_the_platforms_events(shop):
    shop.get("/env/COLOUR")

    def complete():
        logs = shop.deis("logs", "-n", "1000").stdout
        return all(text in logs for text in (
            f"shop[deis-controller]: {shop.user.name} created initial release", "shop[web.1]:", "/env/COLOUR", "scaled containers"))

    wait_until(complete, 10, "the app's and the platform's lines are in deis logs")


def test_listing_commands_have_the_forms_of_the_contract(shop):
    assert shop.user.deis("apps").stdout.splitlines()[:2] == ["=== Apps", "shop"]
    assert "=== shop Application" in shop.deis("info").stdout
    assert shop.deis("releases").stdout.startswith("=== shop Releases")
    assert "COLOUR" in shop.deis("config").stdout


def test_json_of_the_api_has_the_headers_of_the_contract(shop):
    argv = ["curl", "-sSi", "-H", f"Authorization: token {shop.user.token()}", "http://deis.localhost/v1/apps/shop/"]
    head, _, body = shop.user.run(argv).stdout.partition("\n\n")
    assert head.startswith("HTTP/1.1 200")
    assert "DEIS_API_VERSION: 1.7" in head
    assert set(json.loads(body)) == {"uuid", "id", "owner", "url", "structure", "created", "updated"}


def test_destroy_leaves_nothing_behind(ann, platform):
    app = App(ann, "gone", ROOT / "examples" / "hello").create()
    app.push()
    app.get("/")
    app.destroy()
    wait_until(lambda: platform.has_nothing_of("gone"), 20, "nothing of the app is left")
    status, body = ann.api("GET", "/v1/apps/gone/")
    assert (status, body) == (404, {"detail": "Not found"})
    assert app.get("/", check=False)[0] == 404
