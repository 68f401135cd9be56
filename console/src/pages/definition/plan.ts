import type { Schemas } from "../../api/client";
import type { Exact } from "../../api/json";
import type { PlanStep } from "../../parts/plan/step";

// What a saga is pinned to, as the server stores it (`plan` of a definition). Fields are only added to it, so whatever is
// not known here is passed on and shown as it is.

export type Json = null | boolean | number | Exact | string | Json[] | { [name: string]: Json };

export interface Retry {
  attempts?: number;
  first_ms: number;
  factor_percent: number;
  max_ms: number;
}

export interface Half {
  service: string;
  method: string;
  path: string;
  retry?: Retry;
  [more: string]: unknown;
}

export interface Step {
  name: string;
  /** Places of steps in the list. */
  after?: number[];
  if?: string;
  pivot?: boolean;
  action?: Half;
  compensation?: Half;
}

export interface Plan {
  steps: Step[];
  [more: string]: unknown;
}

export const HALVES = ["action", "compensation"] as const;

/** The plan of a definition. */
export function planOf(definition: Pick<Schemas["Definition"], "plan">): Plan {
  const plan = definition.plan as unknown as Partial<Plan>;
  return { ...plan, steps: Array.isArray(plan.steps) ? plan.steps : [] };
}

/** The steps as the graph draws them. */
export function stepsOf(definition: Schemas["Definition"]): PlanStep[] {
  const stored = new Map(planOf(definition).steps.map((step) => [step.name, step]));
  return definition.steps.map(({ name, after, pivot, condition, halves }) => ({
    name,
    after,
    pivot,
    service: halves.find(({ half }) => half === "action")?.service ?? "",
    undoable: halves.some(({ half }) => half === "compensation"),
    condition: stored.get(name)?.if ?? condition,
  }));
}
