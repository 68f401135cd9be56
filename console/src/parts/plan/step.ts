/** A step as a plan shows it: of a definition, or of a saga with how it stands. */
export interface PlanStep {
  name: string;
  /** Names of the steps it waits for. */
  after: readonly string[];
  service: string;
  /** Is there no way back after it? */
  pivot: boolean;
  /** Has it a compensation? */
  undoable: boolean;
  /** Its condition, or whether it has one. */
  condition?: string | boolean | undefined;
  /** A word of `state.ts`, where the step belongs to a saga. */
  state?: string | undefined;
  /** A few words more on its state: `attempt 3, in 4 s`. */
  note?: string | undefined;
}

/** What a plan's layout depends on, and nothing else: a saga that moves moves no node. */
export const shape = (steps: readonly PlanStep[]): string => JSON.stringify(steps.map(({ name, after }) => [name, after]));

/** Is there a way back from a step, and why not? */
export type Way = "pivot" | "behind" | "undoable" | "none";

/** The way back from each step. Behind the pivot there is none, whatever a step could do. */
export function waysBack(steps: readonly Pick<PlanStep, "name" | "after" | "pivot" | "undoable">[]): Map<string, Way> {
  const ways = new Map<string, Way>();
  for (const { name, after, pivot, undoable } of steps) {
    const behind = after.some((before) => ways.get(before) === "pivot" || ways.get(before) === "behind");
    ways.set(name, pivot ? "pivot" : behind ? "behind" : undoable ? "undoable" : "none");
  }
  return ways;
}

/** How many columns a plan has, and how many steps its fullest column: what room it will take. */
export function extent(steps: readonly PlanStep[]): { columns: number; rows: number } {
  const column = new Map<string, number>();
  const population: number[] = [];
  // A definition lists a step behind those it waits for.
  for (const { name, after } of steps) {
    const at = after.reduce((furthest, one) => Math.max(furthest, (column.get(one) ?? -1) + 1), 0);
    column.set(name, at);
    population[at] = (population[at] ?? 0) + 1;
  }
  return { columns: population.length, rows: Math.max(1, ...population) };
}
