"""The OpenAPI document against the answers of this whole run (this module runs last). That it names every route and no other is
tested beside the routes (controller/api/openapi_test.cpp)."""

import json
import re

import pytest
from jsonschema import Draft202012Validator, RefResolver

METHODS = {"get", "post", "put", "patch", "delete"}


class Document:
    def __init__(self, text):
        self.root = json.loads(text)
        self.resolver = RefResolver.from_schema(self.root)
        self.operations = {
            (method.upper(), path): operation
            for path, item in self.root["paths"].items() for method, operation in item.items() if method in METHODS}
        # Literal segments win over parameters, as in the controller.
        paths = sorted(self.root["paths"], key=lambda path: [part.startswith("{") for part in path.split("/")])
        self.patterns = [(re.compile(self._pattern(path)), path) for path in paths]

    @staticmethod
    def _pattern(path):
        rest = path == "/v1/keys/{id}"  # the id is the rest of the path
        return re.sub(r"\\{\w+\\}", ".+" if rest else "[^/]+", re.escape(path)) + "/?$"

    def resolve(self, node):
        while "$ref" in node:
            node = self.resolver.resolve(node["$ref"])[1]
        return node

    def operation(self, method, path):
        for pattern, template in self.patterns:
            if pattern.match(path):
                return self.operations.get((method, template)), template
        return None, None

    def response(self, operation, status):
        responses = operation["responses"]
        found = responses.get(str(status)) or responses.get(f"{status // 100}XX")
        return found and self.resolve(found)

    def errors(self, schema, value):
        validator = Draft202012Validator(schema, resolver=self.resolver)
        return [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:300]}" for e in validator.iter_errors(value)]


@pytest.fixture(scope="module")
def served(world):
    return world.api.get("/openapi.json").expect(200)


@pytest.fixture(scope="module")
def document(served):
    return Document(served.body)


# --- the document -----------------------------------------------------------------------------------------

def test_openapi_is_served_to_anyone_as_json(served, document):
    assert served.content_type == "application/json"
    assert document.root["openapi"].startswith("3.1.")


def all_nodes(node):
    yield node
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield from all_nodes(child)


def test_openapi_references_lead_somewhere_and_schemas_are_schemas(document):
    for node in all_nodes(document.root):
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            document.resolver.resolve(node["$ref"])
        if isinstance(node, dict) and isinstance(node.get("schema"), dict):
            Draft202012Validator.check_schema(node["schema"])
    for schema in document.root["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_openapi_names_are_used_and_unique(document):
    ids = [operation["operationId"] for operation in document.operations.values()]
    assert len(ids) == len(set(ids))
    used = {node["$ref"] for node in all_nodes(document.root) if isinstance(node, dict) and "$ref" in node}
    told = " ".join(node["description"] for node in all_nodes(document.root)
                    if isinstance(node, dict) and isinstance(node.get("description"), str))
    for kind in ("schemas", "parameters", "responses"):
        for name in document.root["components"][kind]:
            assert f"#/components/{kind}/{name}" in used or re.search(rf"\b{name}\b", told), name
    tags = {tag["name"] for tag in document.root["tags"]}
    assert {tag for operation in document.operations.values() for tag in operation["tags"]} == tags


def test_openapi_declares_every_parameter_of_a_path(document):
    for path, item in document.root["paths"].items():
        declared = {document.resolve(p)["name"] for p in item.get("parameters", [])}
        assert declared == set(re.findall(r"\{(\w+)\}", path)), path


# --- live answers -----------------------------------------------------------------------------------------

def problem(document, method, path, answer):
    """What is wrong with an answer, or None."""
    operation, _ = document.operation(method, path)
    if operation is None:
        response = document.root["components"]["responses"]["Refusal"] if answer.status in (401, 403, 404, 405, 406) else None
    else:
        response = document.response(operation, answer.status)
    if response is None:
        return "an answer that the document does not know"
    content = response.get("content")
    if not content:
        return "a body where none is expected" if answer.body else None
    media = (answer.content_type or "").partition(";")[0]
    if media not in content:
        return f"content type {media}"
    schema = content[media]["schema"]
    value = answer.body.decode(errors="replace")
    if media == "text/event-stream":
        return event_problems(document, value)
    if media == "application/json" or value.startswith("[") and "RunResult" in json.dumps(schema):
        value = json.loads(value)
    return document.errors(schema, value) or None


EVENTS = {"phase": "Phase", "container": "ContainerChange"}  # and their schemas


def event_problems(document, text):
    schemas, problems = document.root["components"]["schemas"], []
    for block in re.split(r"\r?\n\r?\n", text):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if fields.get("event") in EVENTS and "data" in fields:
            problems += document.errors(schemas[EVENTS[fields["event"]]], json.loads(fields["data"]))
    return problems or None


def test_openapi_describes_every_answer_of_this_run(world, document):
    checked, problems = 0, {}
    for method, path, answer in world.api.recorder.exchanges:
        if not path.startswith("/v1") or method.lower() not in METHODS:
            continue
        checked += 1
        trouble = problem(document, method, path, answer)
        if trouble:
            problems.setdefault(str(trouble), f"{method} {path}: {answer!r}")
    assert not problems, "\n".join(f"{trouble}\n    {example}" for trouble, example in problems.items())
    assert checked > 0


def test_openapi_every_operation_was_seen_to_succeed_in_this_run(request, world, document):
    """So that no schema goes untested. Only when the whole folder runs."""
    modules = {item.path.name for item in request.session.items}
    about_the_api = {path.name for path in request.path.parent.glob("test_*.py")} - {"test_contract_mode.py"}
    if not about_the_api <= modules:
        pytest.skip("only a part of the tests runs")
    seen = set()
    for method, path, answer in world.api.recorder.exchanges:
        template = document.operation(method, path)[1]
        if template and answer.status < 300:
            seen.add((method, template))
    assert sorted(document.operations.keys() - seen) == []
