"""Certificates from an authority on the whole platform: `deis certs:auto`, dehydrated in the controller's image, challenges
answered by the real router, pebble as the authority. pebble looks at port 80 of the names it is asked for, which a name
server of its own says are this host."""

import json
import ssl

import pytest

from .authority import DOMAIN, pebble, settings  # noqa: F401 (fixtures)
from .platform import App, ROOT, wait_until


@pytest.fixture(scope="module")
def shop(platform):
    app = App(platform.user("sue"), "acme-shop", ROOT / "examples" / "guestbook").create()
    app.push()
    app.deis("domains:add", DOMAIN)
    yield app
    app.destroy()


def wanted(app, domain=DOMAIN):
    status, page = app.user.api("GET", f"/v1/apps/{app.name}/certs/auto/")
    assert status == 200, page
    return next(entry for entry in page["results"] if entry["domain"] == domain)


def test_without_the_operators_consent_nothing_is_ordered(shop):
    done = shop.deis("certs:auto", DOMAIN, check=False)
    assert done.returncode != 0 and "acme/agreeToTerms=true" in done.stderr


def test_a_domain_gets_its_certificate_through_the_router(platform, pebble, settings, shop):
    assert "done" in shop.deis("certs:auto", DOMAIN).stdout
    state = wait_until(lambda: wanted(shop)["state"] in ("issued", "failing") and wanted(shop), 60, "an attempt")
    assert state["state"] == "issued", state
    entry = json.loads(platform.etcd_get(f"/deis/certs/{DOMAIN}"))
    assert ssl.PEM_cert_to_DER_cert(entry["certificate"].split("-----END CERTIFICATE-----")[0] + "-----END CERTIFICATE-----")
    assert "automatic" in shop.user.deis("certs").stdout
    assert f"app:      {shop.name}" in shop.user.deis("certs:info", DOMAIN).stdout
    assert platform.etcd_keys("/deis/acme/") == []


def test_an_order_survives_the_death_of_the_controller(platform, pebble, settings, shop):
    domain = "orphan.example.test"
    shop.deis("domains:add", domain)
    platform.host.run(["pkill", "-STOP", "-x", "pebble"])  # the order waits for its answers
    try:
        shop.deis("certs:auto", domain)
        wait_until(lambda: any("dehydrated" in args for _, args in platform.processes_of("controller")), 30, "the order is on its way")
        victim = platform.pid_of("controller", "deis-controller")
        platform.kill(victim)
        wait_until(lambda: platform.is_replaced("controller", "deis-controller", victim), 60, "another controller runs")
        wait_until(lambda: platform.ready("controller"), 60, "the controller is ready")
    finally:
        platform.host.run(["pkill", "-CONT", "-x", "pebble"])
    state = wait_until(lambda: wanted(shop, domain)["state"] == "issued" and wanted(shop, domain), 180, "the certificate is there")
    assert state["failures"] <= 1, state  # what the dead one had told the routers for it goes with its lease
