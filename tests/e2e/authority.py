"""A certificate authority for tests: pebble in the test host, which looks at port 80 of the names it is asked for; a name server
of its own says that these are this host. Fixtures: `pebble`, and `settings`, with which the platform orders there."""

import json
import signal
import subprocess

import pytest

from .platform import wait_until

DOMAIN = "www.example.test"
DIRECTORY = "https://localhost:14000/dir"
NAMES = ["-defaultIPv4", "127.0.0.1", "-defaultIPv6", "", "-http01", "", "-https01", "", "-tlsalpn01", "",
         "-dns01", "127.0.0.1:14053", "-management", "127.0.0.1:14055"]
CALM = {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"}  # it can be slow and forgetful on purpose


def openssl(directory, *args):
    subprocess.run(["openssl", *args], cwd=directory, check=True, capture_output=True)


def make_certificates(directory):
    """An issuer and a certificate of localhost, for pebble's own https."""
    (directory / "extensions").write_text("subjectAltName=DNS:localhost\n")
    new = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl(directory, *new, "-x509", "-days", "30", "-subj", "/CN=issuer", "-keyout", "issuer.key", "-out", "issuer.pem")
    openssl(directory, *new, "-subj", "/CN=localhost", "-keyout", "own.key", "-out", "own.csr")
    openssl(directory, "x509", "-req", "-in", "own.csr", "-CA", "issuer.pem", "-CAkey", "issuer.key", "-CAcreateserial",
            "-days", "30", "-extfile", "extensions", "-out", "own.pem")


@pytest.fixture(scope="module")
def pebble(platform, tmp_path_factory):
    """An authority in the test host: the directory with the certificates of its own https, and root.pem, which its own come from."""
    directory = tmp_path_factory.mktemp("pebble")
    make_certificates(directory)
    (directory / "config.json").write_text(json.dumps({"pebble": {
        "listenAddress": "127.0.0.1:14000", "managementListenAddress": "127.0.0.1:15000",
        "certificate": str(directory / "own.pem"), "privateKey": str(directory / "own.key"),
        "httpPort": 80, "tlsPort": 443}}))
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    names = platform.host.popen(["pebble-challtestsrv", *NAMES], **quiet)
    authority = platform.host.popen(
        ["pebble", "-config", directory / "config.json", "-dnsserver", "127.0.0.1:14053"], env=CALM, **quiet)
    roots = ["curl", "-s", "--cacert", directory / "issuer.pem", "https://localhost:15000/roots/0"]
    try:
        wait_until(lambda: platform.host.run(roots, check=False).returncode == 0, 20, "pebble answers")
        (directory / "root.pem").write_text(platform.host.run(roots).stdout)
        yield directory
    finally:
        for process in (authority, names):
            platform.interrupt(process, signal.SIGTERM)  # who runs in the background may ignore the other


@pytest.fixture(scope="module")
def settings(platform, pebble):
    names = {"acme/agreeToTerms": "true", "acme/directory": DIRECTORY, "acme/probeAddress": "127.0.0.1:80",
             "acme/roots": (pebble / "issuer.pem").read_text()}
    platform.deisctl("config", "controller", "set", *(f"{key}={value}" for key, value in names.items()))
    yield
    platform.deisctl("config", "controller", "rm", *names)
