import type { Schemas } from "../../api/client";

export type WholeTrace = Schemas["WholeTrace"];
export type Span = Schemas["Span"];
export type Log = Schemas["Log"];

export const VERDICTS = ["empty", "healthy", "repaired", "tolerated", "failed"] as const;
export type Verdict = (typeof VERDICTS)[number];

export const STAGES = ["callee_failed", "callee_refused", "answer_lost", "never_arrived", "slow_callee", "own"] as const;
export type Stage = (typeof STAGES)[number];

/** A span where something is said of it. */
export interface Place {
  span_id: string;
  service: string;
  name: string;
  kind: string;
  start_ns: string;
  end_ns: string;
}

export interface Failure {
  stage: Stage;
  origin: Place;
  /** The service to look at. */
  service: string;
  caller: Place | null;
  callee: Place | null;
  called: string | null;
  reason: string;
  timeout: boolean;
  late_ns: number;
  root_failed: boolean;
  choice: "only" | "on_path" | "ended_last" | "root_itself" | "nearest_to_root";
  path: Place[];
  others: Place[];
  others_total: number;
}

export interface Retries {
  service: string;
  name: string;
  called: string | null;
  attempts: number;
  failed: number;
  ok: boolean;
  replayed: boolean;
  reason: string;
  spans: string[];
}

export interface Segment {
  span_id: string;
  from_ns: string;
  to_ns: string;
}

export interface Shift {
  service: string;
  span_id: string;
  by_ns: number;
}

/** What a trace says, as `ondol-telemetry` puts it; the API's description leaves it open. */
export interface Analysis {
  verdict: Verdict;
  root: Place | null;
  rooted: boolean;
  duration_ns: number;
  errors: number;
  failure: Failure | null;
  retries: Retries[];
  retries_total: number;
  critical: Segment[];
  critical_total: number;
  duplicates: number;
  orphans: number;
  cycles: string[];
  shifts: Shift[];
  shifted: number;
}

export const analysisOf = (trace: WholeTrace): Analysis => trace.analysis as unknown as Analysis;

/** Spans of Ondol's own, and those of services that take what it sends, say of which saga they are. */
export const SAGA = "ondol.saga.id";
export const DEFINITION = "ondol.definition";
export const STEP = "ondol.step";

export const sagaOf = (trace: WholeTrace): string | undefined => trace.spans.find((span) => span.attributes[SAGA])?.attributes[SAGA];
