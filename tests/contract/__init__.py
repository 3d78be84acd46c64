"""Black-box tests of the HTTP API against its contract. A test's name bears the number of the section whose rule it proves:
9.1 to 9.13 what must hold, by area; 1.x the wire; 10.x the constants. They speak only HTTP, so any controller can be tested:

    script/test contract            a controller of their own, started by script/controller
    DEIS_CONTRACT_URL=http://deis.example.com DEIS_CONTRACT_TOKEN=... python3 -m pytest tests/contract
                                    a running platform; targets.py lists what else it may be told

What a test needs beyond HTTP (injected failures, an empty controller, real containers, etcd) it says by a marker, and it is
skipped where that is not to be had.
"""
