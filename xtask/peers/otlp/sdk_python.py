"""Sends spans and logs by OpenTelemetry's SDK for Python, and prints what it sent.

Usage: sdk_python.py grpc|http ENDPOINT gzip|none
"""

import json
import logging
import sys

from opentelemetry import trace
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Status, StatusCode

protocol, endpoint, compression = sys.argv[1:4]
if protocol == "grpc":
    from grpc import Compression
    from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

    how = {"compression": Compression.Gzip if compression == "gzip" else Compression.NoCompression, "insecure": True}
    spans, logs = OTLPSpanExporter(endpoint=endpoint, **how), OTLPLogExporter(endpoint=endpoint, **how)
else:
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    how = {"compression": Compression.Gzip if compression == "gzip" else Compression.NoCompression}
    spans = OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces", **how)
    logs = OTLPLogExporter(endpoint=f"{endpoint}/v1/logs", **how)

service = f"python-{protocol}-{compression}"
resource = Resource.create({"service.name": service, "service.instance.id": "one"})
traced = TracerProvider(resource=resource)
traced.add_span_processor(BatchSpanProcessor(spans))
logged = LoggerProvider(resource=resource)
logged.add_log_record_processor(BatchLogRecordProcessor(logs))
logger = logging.getLogger("booking")
logger.addHandler(LoggingHandler(level=logging.INFO, logger_provider=logged))
logger.setLevel(logging.INFO)
tracer = traced.get_tracer("booking")

sent = []
with tracer.start_as_current_span("book", kind=trace.SpanKind.SERVER, attributes={"user.id": "u1", "seats": 2}) as root:
    sent.append(root.get_span_context())
    for step in ("hold", "pay"):
        with tracer.start_as_current_span(step, kind=trace.SpanKind.CLIENT) as span:
            sent.append(span.get_span_context())
            span.add_event("tried", {"attempt": 1})
            if step == "pay":
                logger.error("card declined for %s", "u1", extra={"card.network": "visa"})
                span.set_status(Status(StatusCode.ERROR, "declined"))
            else:
                logger.info("seat 12B is held")
traced.shutdown()
logged.shutdown()
print(
    json.dumps(
        {
            "service": service,
            "trace": f"{sent[0].trace_id:032x}",
            "spans": [f"{context.span_id:016x}" for context in sent],
            "logs": 2,
            "words": "card declined",
            "errors": 1,
        }
    )
)
