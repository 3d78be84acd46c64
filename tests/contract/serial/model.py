"""What one app is, and what each operation does to it: the specification that answers are held against. Pure.

An operation is an `Op`; `step(app, op)` returns the app behind it, or None when the answer does not fit the app before
it. Reading operations return the same app."""

from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Release:
    config: str  # uuid
    build: str | None  # uuid
    values: tuple  # of the config: sorted (key, value) pairs


@dataclass(frozen=True)
class App:
    releases: tuple  # of Release; version 1 first
    counts: tuple = ()  # sorted (type, containers), without zeros
    structure: tuple = ()  # what the app shows: sorted (type, count)
    domains: frozenset = frozenset()

    @property
    def version(self):
        return len(self.releases)

    @property
    def live(self):
        return self.releases[-1]


@dataclass
class Op:
    kind: str
    argument: object
    begin: int  # ns; the request was sent
    end: int  # ns; its answer was there
    status: int
    answer: object = None
    index: int = field(default=-1, compare=False)

    def __str__(self):
        return f"{self.kind}({self.argument}) -> {self.status} {str(self.answer)[:300]}"


def pairs(mapping):
    return tuple(sorted(mapping.items()))


def release(app, version, made):
    """The app with one more release, when it is the next one."""
    return replace(app, releases=(*app.releases, made)) if version == app.version + 1 else None


def set_config(app, op):
    values = dict(app.live.values)
    for key, value in op.argument.items():
        if value is None:
            values.pop(key, None)
        else:
            values[key] = value
    shown = {k: v for k, v in op.answer["values"].items() if k not in ("DEIS_APP", "DEIS_RELEASE")}
    if shown != values or op.answer["values"].get("DEIS_RELEASE") != f"v{op.answer['version']}":
        return None
    return release(app, op.answer["version"], Release(op.answer["uuid"], app.live.build, pairs(values)))


def build(app, op):
    return release(app, op.answer["version"], replace(app.live, build=op.answer["uuid"]))


def rollback(app, op):
    if op.argument > app.version:
        return None
    return release(app, op.answer["version"], app.releases[op.argument - 1])


def scale(app, op):
    counts = dict(app.counts) | op.argument
    counts = {name: count for name, count in counts.items() if count > 0}
    return replace(app, counts=pairs(counts), structure=pairs(op.argument | counts))


def add_domain(app, op):
    return None if op.argument in app.domains else replace(app, domains=app.domains | {op.argument})


def remove_domain(app, op):
    return replace(app, domains=app.domains - {op.argument}) if op.argument in app.domains else None


def fits(condition, app):
    return app if condition else None


def get_config(app, op):
    return fits((op.answer["uuid"], pairs(op.answer["values"])) == (app.live.config, app.live.values), app)


def get_releases(app, op):
    """The newest page: count, and (version, config, build) of its releases."""
    shown = [(app.version - i, one.config, one.build) for i, one in enumerate(reversed(app.releases[-op.argument:]))]
    return fits(op.answer == [app.version, shown], app)


def get_release(app, op):
    if op.argument > app.version:
        return fits(op.status == 404, app)
    one = app.releases[op.argument - 1]
    return fits(op.status == 200 and op.answer == (op.argument, one.config, one.build), app)


def get_containers(app, op):
    """(type, number, release) of each."""
    wanted = {(name, number, app.version) for name, count in app.counts for number in range(1, count + 1)}
    return fits(op.answer[0] == len(wanted) and set(op.answer[1]) == wanted, app)


def get_app(app, op):
    return fits(pairs(op.answer) == app.structure, app)


def get_domains(app, op):
    return fits(op.answer[0] == len(app.domains) and set(op.answer[1]) == app.domains, app)


def run(app, op):
    """A one-off container is of the live release."""
    return fits(op.answer == app.version, app)


WRITES = {f.__name__: f for f in (set_config, build, rollback, scale, add_domain, remove_domain)}
READS = {f.__name__: f for f in (get_config, get_releases, get_release, get_containers, get_app, get_domains, run)}
READS["restart"] = get_containers


def is_read(op):
    return op.kind in READS or op.status == 409  # somebody else was changing the app: nothing happened


def step(app, op):
    if op.status == 409:
        return app
    return (READS.get(op.kind) or WRITES[op.kind])(app, op)
