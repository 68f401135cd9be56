// The fields of the query language (docs/queries.md), for those who write queries.
export type Signal = "logs" | "traces";

export const FIELDS = ["service", "level", "status", "name", "duration", "kind", "trace", "span", "instance", "scope", "text"] as const;
export type Field = (typeof FIELDS)[number];

const ALSO: Record<Field, string[]> = {
  service: ["service.name", "service_name"],
  instance: ["service.instance.id"],
  level: ["severity", "severity_text", "lvl"],
  status: ["span.status"],
  kind: ["span.kind", "span_kind"],
  name: ["operation", "span.name", "span_name"],
  duration: ["latency"],
  trace: ["trace_id", "traceId", "trace.id"],
  span: ["span_id", "spanId", "span.id"],
  scope: ["logger", "otel.scope.name"],
  text: ["body", "message", "msg"],
};

const CANONICAL = new Map(FIELDS.flatMap((field) => [field, ...ALSO[field]].map((name) => [name, field] as const)));

/** Which field a name means; null for an attribute. */
export const fieldOf = (name: string): Field | null => CANONICAL.get(name) ?? null;

const ONLY: Partial<Record<Field, Signal>> = { level: "logs", status: "traces", name: "traces", duration: "traces", kind: "traces" };

/** The fields that records of a signal have, the most asked for first. */
export const fieldsOf = (signal: Signal): Field[] => FIELDS.filter((field) => (ONLY[field] ?? signal) === signal);

export const LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "unset"] as const;

/** Fields whose values are known beforehand. */
export const VALUES: Partial<Record<Field, readonly string[]>> = {
  level: ["error", ">=warn", "warn", "info", "debug", "trace", "fatal", "unset"],
  status: ["error", "ok", "unset"],
  kind: ["server", "client", "producer", "consumer", "internal"],
  duration: [">100ms", ">500ms", ">1s", ">5s"],
};
