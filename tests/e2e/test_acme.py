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


def wanted(app):
    status, page = app.user.api("GET", f"/v1/apps/{app.name}/certs/auto/")
    assert status == 200, page
    return page["results"][0]


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
