"""The network of one test host: a namespace, a veth pair, NAT. Everything carries the host's name, so that what a
killed run left behind is found and removed by the next one."""

import json
import subprocess

SUPERNET = "10.231.0.0/16"  # of all test hosts: not translated, so that they see each other's addresses


def run(*argv, check=True):
    return subprocess.run(argv, check=check, text=True, capture_output=True)


class HostNetwork:
    """`number` (1-250) decides the subnet 10.231.<number>.0/24; .1 is this machine, .2 the test host."""

    def __init__(self, name, number):
        self.namespace = f"deis-{name}"
        self.link = f"dt-{name}"[:15]
        self.gateway = f"10.231.{number}.1"
        self.address = f"10.231.{number}.2"
        self.subnet = f"10.231.{number}.0/24"
        self.mtu = _outer_mtu()

    @property
    def path(self):
        return f"/var/run/netns/{self.namespace}"

    def create(self):
        self.remove()
        run("ip", "netns", "add", self.namespace)
        run("ip", "link", "add", self.link, "mtu", str(self.mtu), "type", "veth",
            "peer", "name", "eth0", "mtu", str(self.mtu), "netns", self.namespace)
        run("ip", "addr", "add", f"{self.gateway}/24", "dev", self.link)
        run("ip", "link", "set", self.link, "up")
        inside = ("ip", "-n", self.namespace)
        run(*inside, "link", "set", "lo", "up")
        run(*inside, "addr", "add", f"{self.address}/24", "dev", "eth0")
        run(*inside, "link", "set", "eth0", "up")
        run(*inside, "route", "add", "default", "via", self.gateway)
        run("sysctl", "-q", "-w", "net.ipv4.ip_forward=1")
        for rule in self._rules():
            run("iptables", *rule[:2], "-I", *rule[2:])

    def remove(self):
        """Idempotent. The veth pair goes with the namespace once no process is left in it."""
        for rule in self._rules():
            while run("iptables", *rule[:2], "-D", *rule[2:], check=False).returncode == 0:
                pass
        run("ip", "link", "del", self.link, check=False)
        run("ip", "netns", "del", self.namespace, check=False)

    def _rules(self):
        # A Docker Engine on the machine sets the FORWARD policy to DROP: accept this host's traffic before it.
        return [
            ("-t", "nat", "POSTROUTING", "-s", self.subnet, "!", "-d", SUPERNET, "-j", "MASQUERADE"),
            ("-t", "filter", "FORWARD", "-i", self.link, "-j", "ACCEPT"),
            ("-t", "filter", "FORWARD", "-o", self.link, "-j", "ACCEPT"),
        ]


def _outer_mtu():
    """A larger MTU inside than on the way out loses packets."""
    routes = json.loads(run("ip", "-j", "-4", "route", "show", "default").stdout or "[]")
    if not routes:
        return 1500
    link = json.loads(run("ip", "-j", "link", "show", "dev", routes[0]["dev"]).stdout)
    return link[0]["mtu"]
