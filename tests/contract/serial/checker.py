"""Whether the answers about one app fit some serial order: each operation takes effect at one moment between its
request and its answer (linearizability). The search of Wing and Gong with Lowe's memory of configurations; reading
operations that fit are taken at once, since they stand in nobody's way."""

from .model import is_read, step


class Stuck(Exception):
    """No order fits. Says how far the longest one came."""


def check(initial, ops):
    ops = sorted(ops, key=lambda op: op.begin)
    seen = set()
    furthest = (-1, None)
    stack = [(0, frozenset(), initial)]
    while stack:
        low, done, app = take_reads(ops, *stack.pop())
        if low == len(ops):
            return
        # The same operations leave the same releases, whose numbers order them, and the same domains.
        place = (low, done, app.counts, app.structure)
        if place in seen:
            continue
        seen.add(place)
        if low + len(done) > furthest[0]:
            furthest = (low + len(done), (low, done, app))
        for index in candidates(ops, low, done):
            if is_read(ops[index]):
                continue
            after = step(app, ops[index])
            if after is not None:
                stack.append((*advance(low, done | {index}), after))
    raise Stuck(describe(ops, *furthest[1]))


def candidates(ops, low, done):
    """Operations that may come next: nobody else had ended before they began."""
    first_end = float("inf")
    found = []
    for index in range(low, len(ops)):
        if ops[index].begin > first_end:
            break
        if index not in done:
            first_end = min(first_end, ops[index].end)
            found.append(index)
    return [index for index in found if ops[index].begin <= first_end]


def take_reads(ops, low, done, app):
    progress = True
    while progress:
        progress = False
        for index in candidates(ops, low, done):
            if is_read(ops[index]) and step(app, ops[index]) is not None:
                done = done | {index}
                progress = True
        low, done = advance(low, done)
    return low, done, app


def advance(low, done):
    while low in done:
        done = done - {low}
        low += 1
    return low, done


def describe(ops, low, done, app):
    lines = [f"{low + len(done)} of {len(ops)} operations fit; then the app is at v{app.version}, values "
             f"{dict(app.live.values)}, containers {dict(app.counts)}, domains {sorted(app.domains)}, and none of these does:"]
    base = ops[low].begin
    for index in candidates(ops, low, done):
        op = ops[index]
        lines.append(f"  {(op.begin - base) / 1e6:9.3f} .. {(op.end - base) / 1e6:9.3f} ms  {op}")
    return "\n".join(lines)
