"""Black-box tests of the HTTP API against its contract. A test's name bears the number of the section whose rule it proves:
9.1 to 9.13 what must hold, by area; 1.x the wire; 10.x the constants. They speak only HTTP, so any controller can be tested:

    script/test contract            a controller of their own, started by script/controller
    DEIS_CONTRACT_URL=http://deis.example.com DEIS_CONTRACT_TOKEN=... python3 -m pytest tests/contract
                                    a running platform; targets.py lists what else it may be told

What a test needs beyond HTTP (injected failures, an empty controller, real containers, etcd) it says by a marker, and it is
skipped where that is not to be had. Of a target of our own only these may be skipped:
  containers          in contract mode: what a command, a probe or a request does inside a container, which is not there
  injection, fresh    on a platform: failures on command, and being the first user, are not to be had of real servers
Each is run by the other one of script/test's stages `contract` and `e2e-contract`; whatever else is missing is a failure.
"""
