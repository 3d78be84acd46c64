"""Test hosts: machines of their own for the end-to-end tests, made of namespaces on this machine.

    with TestHost("h1") as host:
        host.run(["docker", "version"])

A host has its own network namespace (address, NAT to the outside), mount namespace (private /run), process
namespace and Docker Engine. It sees the same files and programs, so it neither needs installing nor meets or
disturbs a platform on the machine. Several hosts reach each other by address.
"""

from tests.host.host import TestHost

__all__ = ["TestHost"]
