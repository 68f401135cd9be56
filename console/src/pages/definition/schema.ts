import type { Json, Plan } from "./plan";

/** As much of a JSON Schema as a form is made from. */
export interface Schema {
  type?: string | string[];
  title?: string;
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  enum?: Json[];
  default?: Json;
  examples?: Json[];
}

export const isObject = (schema: Schema): boolean => schema.properties !== undefined && Object.keys(schema.properties).length > 0;

/** What a definition says of its input, or else what its expressions take from it. */
export function inputSchema(plan: Plan, said?: unknown): Schema {
  if (typeof said === "object" && said !== null && !Array.isArray(said)) return said as Schema;
  return derived(plan);
}

const EXPRESSION = /\$\{\{(.*?)\}\}/gs;
// A name `input` of its own, then members; not `steps.a.input`, and not `input_x`.
const PATH = /(?<![\w.])input((?:\.[A-Za-z_]\w*|\["[^"\\]+"\]|\['[^'\\]+'\])*)(\()?/g;
const MEMBER = /\.([A-Za-z_]\w*)|\["([^"\\]+)"\]|\['([^'\\]+)'\]/g;

/** A schema with a member for every `input.…` that a plan's expressions mention. All are wanted but those they ask `has(…)` for. */
export function derived(plan: Plan): Schema {
  const root: Schema = { type: "object" };
  const asked = new Set<string>();
  const paths: string[][] = [];
  for (const expression of expressions(plan)) {
    for (const found of expression.matchAll(PATH)) {
      const path = [...(found[1] ?? "").matchAll(MEMBER)].map((member) => member[1] ?? member[2] ?? member[3] ?? "");
      // What is called is a function of the value before it: `input.name.startsWith(…)`.
      if (found[2]) path.pop();
      paths.push(path);
      if (/has\(\s*$/.test(expression.slice(0, found.index))) asked.add(path.join("."));
    }
  }
  for (const path of paths) add(root, path, asked);
  return root;
}

function add(root: Schema, path: string[], optional: Set<string>): void {
  let at = root;
  for (const [depth, name] of path.entries()) {
    at.properties ??= {};
    at.type = "object";
    const wanted = !optional.has(path.slice(0, depth + 1).join("."));
    if (wanted && !at.required?.includes(name)) at.required = [...(at.required ?? []), name];
    at = member(at.properties, name);
  }
}

/** A member of that name, made where there is none. The name is anybody's: `__proto__` and `constructor` are members as all others. */
function member(of: Record<string, Schema>, name: string): Schema {
  const found = Object.hasOwn(of, name) ? of[name] : undefined;
  if (found) return found;
  const made: Schema = {};
  Object.defineProperty(of, name, { value: made, enumerable: true, writable: true, configurable: true });
  return made;
}

/** The insides of all `${{ … }}` in a plan, and conditions, which are stored with or without them. */
function expressions(plan: Plan): string[] {
  const found: string[] = [];
  const visit = (value: unknown, bare: boolean): void => {
    if (typeof value === "string") {
      const inside = [...value.matchAll(EXPRESSION)].map((one) => one[1] ?? "");
      found.push(...(inside.length || !bare ? inside : [value]));
    } else if (Array.isArray(value)) {
      for (const one of value) visit(one, false);
    } else if (typeof value === "object" && value !== null) {
      for (const [name, member] of Object.entries(value)) visit(member, name === "if");
    }
  };
  visit(plan, false);
  return found;
}
