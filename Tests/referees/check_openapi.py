"""Judges an OpenAPI document, its pages, and answers that should be as it says. Prints what is wrong as a JSON list.

check_openapi.py document FILE          the document by the specification, its examples by its schemas
check_openapi.py answers FILE ANSWERS   answers: [{operation, path, method, status, type, body}]
check_openapi.py payloads FILE PAYLOADS payloads: [{type, timestamp, data}]
check_openapi.py pages PAGES            pages: {path: html}
"""

import json
import sys
from html.parser import HTMLParser


def validators(document):
    from jsonschema import Draft202012Validator
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT202012

    uri = "urn:sluice:api"
    resource = Resource(contents=document, specification=DRAFT202012)
    registry = Registry().with_resource(uri, resource)
    for needed in ("date-time", "uuid"):
        assert needed in Draft202012Validator.FORMAT_CHECKER.checkers, needed

    def validate(pointer, value):
        validator = Draft202012Validator(
            {"$ref": f"{uri}#{pointer}"}, registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER
        )
        return [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:300]}" for e in validator.iter_errors(value)]

    return validate


def escape(name):
    return str(name).replace("~", "~0").replace("/", "~1")


def media_types(document):
    """Every media type with its pointer, those of webhooks included."""
    for kind in ("paths", "webhooks"):
        for path, item in document.get(kind, {}).items():
            for method, operation in item.items():
                base = f"/{kind}/{escape(path)}/{method}"
                for name, media in operation.get("requestBody", {}).get("content", {}).items():
                    yield f"{base}/requestBody/content/{escape(name)}", media
                for status, response in operation["responses"].items():
                    for name, media in response.get("content", {}).items():
                        yield f"{base}/responses/{status}/content/{escape(name)}", media


def check_document(document):
    from openapi_spec_validator import OpenAPIV31SpecValidator

    wrong = [f"{list(e.absolute_path)}: {e.message[:300]}" for e in OpenAPIV31SpecValidator(document).iter_errors()]
    validate = validators(document)
    examples = document["components"]["examples"]
    ids = [o["operationId"] for item in document["paths"].values() for o in item.values()]
    wrong += [f"operationId {name} twice" for name in set(ids) if ids.count(name) > 1]
    seen = 0
    for pointer, media in media_types(document):
        values = [media["example"]] if "example" in media else []
        for example in media.get("examples", {}).values():
            if "$ref" in example:
                example = examples[example["$ref"].rsplit("/", 1)[1]]
            values.append(example["value"])
        for value in values:
            seen += 1
            wrong += [f"{pointer}: {fault}" for fault in validate(pointer + "/schema", value)]
    assert seen > 100, seen
    return wrong


def check_answers(document, answers):
    validate = validators(document)
    wrong = []
    for answer in answers:
        path, method = answer["path"], answer["method"].lower()
        place = f"{answer['method']} {path} {answer['status']}"
        responses = document["paths"][path][method]["responses"]
        response = responses.get(str(answer["status"]))
        if response is None:
            wrong.append(f"{place} is not described: {answer['body'][:300]}")
            continue
        content = response.get("content")
        kind = (answer.get("type") or "").split(";")[0]
        if content is None:
            if answer["body"]:
                wrong.append(f"{place} has a body")
            continue
        if kind not in content:
            wrong.append(f"{place} is {kind}, not one of {list(content)}")
            continue
        pointer = f"/paths/{escape(path)}/{method}/responses/{answer['status']}/content/{escape(kind)}/schema"
        value = json.loads(answer["body"]) if kind.endswith(("/json", "+json")) else answer["body"]
        wrong += [f"{place}: {fault}" for fault in validate(pointer, value)]
    return wrong


def check_payloads(document, payloads):
    validate = validators(document)
    wrong = []
    for payload in payloads:
        place = f"/webhooks/{escape(payload['type'])}/post/requestBody/content/application~1json/schema"
        wrong += [f"{payload['type']}: {fault}" for fault in validate(place, payload)]
    return wrong


class Page(HTMLParser):
    void = {"meta", "link", "br", "hr"}

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.faults, self.ids, self.links, self.headings = [], [], [], [], []
        self.language = self.title = None
        self.feed(text)
        self.close()
        if self.open:
            self.faults.append(f"open at the end: {self.open}")

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag in ("script", "style", "iframe", "img", "form", "base", "object"):
            self.faults.append(f"<{tag}>")
        for name in attributes:
            if name.startswith("on") or name == "style":
                self.faults.append(f"attribute {name}")
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag in ("a", "link"):
            self.links.append(attributes["href"])
        if tag == "html":
            self.language = attributes.get("lang")
        if tag == "th" and "scope" not in attributes:
            self.faults.append("a <th> without a scope")
        if tag in ("h1", "h2", "h3", "h4"):
            self.headings.append(int(tag[1]))
        if attributes.get("role") == "group" and not attributes.get("aria-label"):
            self.faults.append("a group without a name")
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes something else")


def check_pages(pages):
    parsed = {path: Page(text) for path, text in pages.items()}
    wrong = []
    for path, page in parsed.items():
        wrong += [f"{path}: {fault}" for fault in page.faults]
        if page.language != "en":
            wrong.append(f"{path}: no language")
        if page.headings.count(1) != 1:
            wrong.append(f"{path}: {page.headings.count(1)} first headings")
        # A screen reader's user goes by headings, so none may be left out.
        for before, after in zip(page.headings, page.headings[1:]):
            if after > before + 1:
                wrong.append(f"{path}: h{after} behind h{before}")
        wrong += [f"{path}: id {name} twice" for name in set(page.ids) if page.ids.count(name) > 1]
        for link in page.links:
            target, _, fragment = link.partition("#")
            if link.startswith("https://www.standardwebhooks.com") or target in ("/docs/style.css", "/openapi.json"):
                continue
            target = target or path
            if target not in parsed:
                wrong.append(f"{path}: {link} leads nowhere")
            elif fragment and fragment not in parsed[target].ids:
                wrong.append(f"{path}: {link} names no place")
    return wrong


def main():
    files = [json.load(open(name, encoding="utf-8")) for name in sys.argv[2:]]
    checks = {"document": check_document, "answers": check_answers, "payloads": check_payloads, "pages": check_pages}
    print(json.dumps(checks[sys.argv[1]](*files)))


main()
