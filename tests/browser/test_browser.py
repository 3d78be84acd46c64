"""What a browser makes of the platform's certificates: a real one, headless, that trusts what it was told to trust and nothing else."""

import subprocess

import pytest

from tests.e2e.authority import DOMAIN, pebble, settings  # noqa: F401 (fixtures)
from tests.e2e.conftest import platform  # noqa: F401
from tests.e2e.platform import App, ROOT, wait_until

PLATFORM_DOMAIN = "platform.test"
RULES = f"MAP *.{PLATFORM_DOMAIN} 127.0.0.1, MAP {DOMAIN} 127.0.0.1"


class Browser:
    def __init__(self, platform, home):
        self.platform, self.home = platform, home
        store = home / ".pki" / "nssdb"
        store.mkdir(parents=True)
        self.database = f"sql:{store}"
        platform.host.run(["certutil", "-N", "--empty-password", "-d", self.database])

    def trust(self, name, certificate):
        self.platform.host.run(["certutil", "-A", "-d", self.database, "-t", "C,,", "-n", name, "-i", str(certificate)])

    def page(self, url):
        """What is shown, as HTML, and what the browser says itself. Every visit is by a fresh browser."""
        argv = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--dump-dom", "--enable-logging=stderr",
                f"--user-data-dir={self.home}/profile", f"--host-resolver-rules={RULES}", url]
        done = self.platform.host.run(argv, env={"HOME": str(self.home)}, timeout=120)
        return done.stdout, done.stderr


def make_platform_certificate(directory):
    """An authority, and a wildcard certificate of it for the platform's domain."""
    def openssl(*args):
        subprocess.run(["openssl", *args], cwd=directory, check=True, capture_output=True)

    new = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    (directory / "extensions").write_text(f"subjectAltName=DNS:*.{PLATFORM_DOMAIN}\nextendedKeyUsage=serverAuth\n")
    openssl(*new, "-x509", "-days", "30", "-subj", "/CN=company", "-addext", "basicConstraints=critical,CA:TRUE",
            "-keyout", "company.key", "-out", "company.pem")
    openssl(*new, "-subj", f"/CN=*.{PLATFORM_DOMAIN}", "-keyout", "platform.key", "-out", "platform.csr")
    openssl("x509", "-req", "-in", "platform.csr", "-CA", "company.pem", "-CAkey", "company.key", "-CAcreateserial",
            "-days", "30", "-extfile", "extensions", "-out", "platform.pem")


@pytest.fixture
def browser(platform, tmp_path):  # noqa: F811
    return Browser(platform, tmp_path)


@pytest.fixture(scope="module")
def app(platform):  # noqa: F811
    app = App(platform.user("look"), "shown", ROOT / "tests" / "e2e" / "apps" / "visited").create()
    app.push()
    app.deis("domains:add", DOMAIN)
    yield app
    app.destroy()


def test_a_platform_wildcard_certificate_is_accepted_by_who_trusts_its_authority(platform, app, browser, tmp_path):  # noqa: F811
    make_platform_certificate(tmp_path)
    platform.deisctl("config", "router", "set", f"sslCert={tmp_path}/platform.pem", f"sslKey={tmp_path}/platform.key")
    url = f"https://{app.name}.{PLATFORM_DOMAIN}/"
    wait_until(lambda: platform.host.run(["curl", "-sk", "--resolve", f"{app.name}.{PLATFORM_DOMAIN}:443:127.0.0.1", url], check=False).stdout == app.name,
               20, "HTTPS is open")
    shown, said = browser.page(url)
    assert "ERR_CERT_AUTHORITY_INVALID" in said and app.name not in shown
    browser.trust("company", tmp_path / "company.pem")
    shown, said = browser.page(url)
    assert app.name in shown and "ERR_CERT" not in said


def test_an_apps_own_certificate_from_an_authority_is_accepted(platform, app, pebble, settings, browser):  # noqa: F811
    app.deis("certs:auto", DOMAIN)
    wait_until(lambda: platform.etcd_get(f"/deis/certs/{DOMAIN}"), 60, "the certificate is there")
    browser.trust("pebble", pebble / "root.pem")
    wait_until(lambda: app.name in browser.page(f"https://{DOMAIN}/")[0], 60, "the browser shows the app")
