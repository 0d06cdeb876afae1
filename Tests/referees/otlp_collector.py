"""An OTLP/HTTP collector: takes spans in JSON as the specification has it, read by OpenTelemetry's own classes, and prints one line
for each. What those classes do not know is refused with 400 and printed as an error.

usage: otlp_collector.py PORT
"""

import base64
import http.server
import json
import sys

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


def in_base64(value):
    """OTLP's JSON has ids in hexadecimal where the mapping of protobuf has Base64."""
    if isinstance(value, list):
        return [in_base64(item) for item in value]
    if not isinstance(value, dict):
        return value
    ids = ("traceId", "spanId", "parentSpanId")
    return {
        key: base64.b64encode(bytes.fromhex(item)).decode() if key in ids else in_base64(item)
        for key, item in value.items()
    }


def value_of(value):
    return getattr(value, value.WhichOneof("value"))


def lines(body):
    document = json.loads(body)
    for kind in [s["kind"] for r in document["resourceSpans"] for p in r["scopeSpans"] for s in p["spans"]]:
        if not isinstance(kind, int):
            raise ValueError("enumerations are numbers in OTLP's JSON")
    request = json_format.ParseDict(in_base64(document), ExportTraceServiceRequest())
    for resource in request.resource_spans:
        about = {item.key: value_of(item.value) for item in resource.resource.attributes}
        for scope in resource.scope_spans:
            for span in scope.spans:
                if len(span.trace_id) != 16 or len(span.span_id) != 8:
                    raise ValueError("an id has another length")
                if not 0 < span.start_time_unix_nano <= span.end_time_unix_nano:
                    raise ValueError("a span ends before it begins")
                yield {
                    "service": about.get("service.name"),
                    "name": span.name,
                    "trace": span.trace_id.hex(),
                    "span": span.span_id.hex(),
                    "parent": span.parent_span_id.hex(),
                    "kind": span.kind,
                    "links": [link.span_id.hex() for link in span.links],
                    "attributes": {item.key: str(value_of(item.value)) for item in span.attributes},
                }


class Collector(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = 200
        try:
            if self.headers["Content-Type"] != "application/json":
                raise ValueError("not application/json")
            for line in lines(body):
                line["authorization"] = self.headers.get("Authorization")
                print(json.dumps(line), flush=True)
        except Exception as error:
            status = 400
            print(json.dumps({"error": repr(error)}), flush=True)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def do_GET(self):
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Collector).serve_forever()
