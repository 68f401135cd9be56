// Sends spans and logs by OpenTelemetry's SDK for JavaScript over HTTP with JSON, and prints what it sent.
//
// Usage: sdk_javascript.js ENDPOINT

import { SpanKind, SpanStatusCode, context, trace } from "@opentelemetry/api";
import { SeverityNumber } from "@opentelemetry/api-logs";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";

const endpoint = process.argv[2];
const service = "javascript-http-json";
const resource = resourceFromAttributes({ "service.name": service, "service.instance.id": "one" });
const traced = new NodeTracerProvider({
  resource,
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${endpoint}/v1/traces` }))],
});
traced.register();
const logExporter = new OTLPLogExporter({ url: `${endpoint}/v1/logs` });
const logged = new LoggerProvider({ resource, processors: [new BatchLogRecordProcessor({ exporter: logExporter })] });
const tracer = trace.getTracer("booking");
const logger = logged.getLogger("booking");

const sent = [];
const root = tracer.startSpan("book", { kind: SpanKind.SERVER, attributes: { "user.id": "u1", seats: 2, price: 1.5 } });
const within = trace.setSpan(context.active(), root);
sent.push(root.spanContext());
for (const step of ["hold", "pay"]) {
  const span = tracer.startSpan(step, { kind: SpanKind.CLIENT, links: [{ context: root.spanContext() }] }, within);
  sent.push(span.spanContext());
  const failed = step === "pay";
  logger.emit({
    severityNumber: failed ? SeverityNumber.ERROR : SeverityNumber.INFO,
    severityText: failed ? "ERROR" : "INFO",
    body: failed ? "card declined for u1" : "seat 12B is held",
    attributes: { "card.network": "visa", seats: ["12B", "12C"], nested: { deep: 9007199254740993n } },
    context: trace.setSpan(context.active(), span),
  });
  span.addEvent("tried", { attempt: 1 });
  if (failed) span.setStatus({ code: SpanStatusCode.ERROR, message: "declined" });
  span.end();
}
root.end();
await traced.forceFlush();
await logged.forceFlush();
await traced.shutdown();
await logged.shutdown();
const spans = sent.map((one) => one.spanId);
console.log(
  JSON.stringify({ service, trace: sent[0].traceId, spans, logs: 2, words: "card declined", errors: 1 }),
);
