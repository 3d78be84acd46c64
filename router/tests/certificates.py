"""Certificates for tests, made by openssl."""

import subprocess


def certificate(directory, name, *names, bits=None):
    """(certificate, key) as PEM for these host names, signed by itself. `bits`: RSA of that size, else P-256."""
    kind = ["rsa:" + str(bits)] if bits else ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    key, chain = directory / f"{name}.key", directory / f"{name}.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", *kind, "-nodes", "-keyout", key, "-out", chain, "-days", "30", "-subj", f"/CN={name}",
         "-addext", "subjectAltName=" + ",".join("DNS:" + n for n in (names or (name,)))], check=True, capture_output=True)
    return chain.read_text(), key.read_text()
