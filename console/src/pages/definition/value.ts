import * as json from "../../api/json";
import type { Json } from "./plan";
import { isObject, type Schema } from "./schema";

/** A field of the form: the way to a leaf of the input. */
export interface Field {
  path: string[];
  schema: Schema;
  required: boolean;
}

/** Every leaf of a schema, in its order. */
export function fields(schema: Schema, path: string[] = [], required = true): Field[] {
  if (!isObject(schema)) return path.length ? [{ path, schema, required }] : [];
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) =>
    fields(member, [...path, name], required && (schema.required?.includes(name) ?? false)),
  );
}

export const keyOf = (path: readonly string[]): string => JSON.stringify(path);

/**
 * A value from what was typed: numbers, `true`, `false`, `null`, and what is quoted or in braces or brackets, is JSON; all
 * else is text. Numbers stay as they are typed. Where the schema wants text, only quotes are read. Throws where JSON was begun and is not right.
 */
export function read(typed: string, schema: Schema = {}): Json {
  const text = typed.trim();
  const wantsText = schema.type === "string";
  if (text.startsWith('"') || (!wantsText && /^[[{]/.test(text))) return json.read(text) as Json;
  if (!wantsText && /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/.test(text)) return json.read(text) as Json;
  return typed;
}

/** What to type for a value: the shortest text that is read back as it. */
export function write(value: Json | undefined, schema: Schema = {}): string {
  if (value === undefined) return "";
  if (typeof value !== "string") return json.write(value);
  try {
    return value !== "" && read(value, schema) === value ? value : JSON.stringify(value);
  } catch {
    return JSON.stringify(value);
  }
}

export type Wrong = "missing" | "json";

/** The input that the typed texts make, on top of what the form does not show; or what is wrong with which field. */
export function assemble(all: Field[], texts: Record<string, string>, base: Json = {}): { input: Json; wrong: Record<string, Wrong> } {
  const wrong: Record<string, Wrong> = {};
  const input = copy(base);
  for (const { path, schema, required } of all) {
    const key = keyOf(path);
    const typed = texts[key] ?? "";
    if (typed.trim() === "") {
      if (required) wrong[key] = "missing";
      unset(input, path);
      continue;
    }
    try {
      set(input, path, read(typed, schema));
    } catch {
      wrong[key] = "json";
    }
  }
  return { input, wrong };
}

/** The texts for an input. */
export const texts = (all: Field[], input: Json): Record<string, string> =>
  Object.fromEntries(all.map(({ path, schema }) => [keyOf(path), write(get(input, path), schema)]));

type Members = Record<string, Json>;
const isMembers = (value: Json | undefined): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof json.Exact);

// Members go by names that are anybody's: one called `__proto__` or `constructor` is a member as all others. So they are
// looked for among an object's own, and are put there without an assignment, which for `__proto__` does something else.

// `structuredClone` would make a common object of an `Exact`.
const copy = (value: Json): Json =>
  Array.isArray(value) ? value.map(copy) : isMembers(value) ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, copy(one)])) : value;

const own = (at: Members, name: string): Json | undefined => (Object.hasOwn(at, name) ? at[name] : undefined);

const get = (value: Json | undefined, path: string[]): Json | undefined =>
  path.reduce<Json | undefined>((at, name) => (isMembers(at) ? own(at, name) : undefined), value);

const put = (at: Members, name: string, value: Json): void =>
  void Object.defineProperty(at, name, { value, enumerable: true, writable: true, configurable: true });

function set(root: Json, path: string[], value: Json): void {
  let at = root as Members;
  for (const name of path.slice(0, -1)) {
    const found = own(at, name);
    const next: Members = isMembers(found) ? found : {};
    if (next !== found) put(at, name, next);
    at = next;
  }
  put(at, path.at(-1) ?? "", value);
}

function unset(root: Json, path: string[]): void {
  const parent = get(root, path.slice(0, -1));
  const name = path.at(-1) ?? "";
  if (isMembers(parent) && Object.hasOwn(parent, name)) delete parent[name];
}
