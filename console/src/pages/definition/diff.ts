import { HALVES, type Half, type Json, type Plan, type Step } from "./plan";

/** One member that differs: where it is, and what it was and is. Nothing stands for a member that is not there. */
export interface Change {
  /** `["action", "body", "amount"]`, `["timeout_ms"]` */
  at: string[];
  before: Json | undefined;
  after: Json | undefined;
}

export type StepDiff =
  | { kind: "added" | "removed" | "same"; name: string; step: Step }
  | { kind: "changed"; name: string; changes: Change[] };

export interface PlanDiff {
  /** Of the plan as a whole. */
  changes: Change[];
  /** In the order of the newer plan; a step that is gone stands where it was. */
  steps: StepDiff[];
}

/** Says nothing about what a plan does. */
const NOT_COMPARED = new Set(["format", "name", "steps"]);

/** What became of one version of a plan in another. Steps are known by their names. */
export function diff(before: Plan, after: Plan): PlanDiff {
  const old = new Map(before.steps.map((step) => [step.name, step]));
  const now = new Map(after.steps.map((step) => [step.name, step]));
  const steps = after.steps.map((step): StepDiff => {
    const was = old.get(step.name);
    if (!was) return { kind: "added", name: step.name, step };
    const changes = dropWholeHalves(members(flat(was, before), flat(step, after)));
    return changes.length ? { kind: "changed", name: step.name, changes } : { kind: "same", name: step.name, step };
  });
  for (const [index, step] of before.steps.entries()) {
    if (now.has(step.name)) continue;
    // Behind the step that it followed, however many came since.
    const above = before.steps.slice(0, index).reverse().map(({ name }) => name);
    const at = above.map((name) => steps.findIndex((one) => one.name === name)).find((place) => place >= 0) ?? -1;
    steps.splice(at + 1, 0, { kind: "removed", name: step.name, step });
  }
  return { changes: members(whole(before), whole(after)), steps };
}

export const isSame = ({ changes, steps }: PlanDiff): boolean => changes.length === 0 && steps.every(({ kind }) => kind === "same");

type Flat = Map<string, Change["before"]>;

const SEPARATOR = "\u0000";

function members(before: Flat, after: Flat): Change[] {
  const places = [...new Set([...before.keys(), ...after.keys()])];
  return places
    .map((place) => ({ at: place.split(SEPARATOR), before: before.get(place), after: after.get(place) }))
    .filter((change) => JSON.stringify(change.before) !== JSON.stringify(change.after));
}

function whole(plan: Plan): Flat {
  const flat: Flat = new Map();
  for (const [name, value] of Object.entries(plan)) if (!NOT_COMPARED.has(name)) put(flat, [name], value as Json);
  return flat;
}

function flat(step: Step, plan: Plan): Flat {
  const flat: Flat = new Map();
  // By name: a step that only moved in the list waits for the same ones.
  flat.set("after", (step.after ?? []).map((at) => plan.steps[at]?.name ?? String(at)).sort());
  if (step.if !== undefined) flat.set("if", step.if);
  flat.set("pivot", step.pivot ?? false);
  for (const half of HALVES) call(flat, half, step[half]);
  return flat;
}

/** A half that is there in one version only is one change, not ten. */
function dropWholeHalves(changes: Change[]): Change[] {
  const whole = changes.filter(({ at, before, after }) => isHalf(at[0]) && at.length === 1 && (before === undefined || after === undefined));
  const names = new Set(whole.map(({ at }) => at[0]));
  return changes.filter(({ at }) => at.length === 1 || !names.has(at[0]));
}

const isHalf = (name: string | undefined): boolean => HALVES.some((half) => half === name);

function call(flat: Flat, half: string, call: Half | undefined): void {
  if (!call) return;
  flat.set(half, `${call.service} ${call.method} ${call.path}`);
  for (const [name, value] of Object.entries(call)) {
    if (name !== "service" && name !== "method" && name !== "path") put(flat, [half, name], value as Json);
  }
}

/** Objects are compared member by member; lists and all else as a whole. */
function put(flat: Flat, at: string[], value: Json): void {
  if (value !== null && typeof value === "object" && !Array.isArray(value) && Object.keys(value).length > 0) {
    for (const [name, member] of Object.entries(value)) put(flat, [...at, name], member);
  } else {
    flat.set(at.join(SEPARATOR), value);
  }
}
