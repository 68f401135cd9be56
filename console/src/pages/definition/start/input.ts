import { useMemo, useState } from "react";
import type { Schemas } from "../../../api/client";
import { Exact, read, write } from "../../../api/json";
import { type Json, planOf } from "../plan";
import { inputSchema } from "../schema";
import { assemble, fields, texts, type Wrong } from "../value";

type Said = Schemas["Definition"] & { input_schema?: unknown };

export type InputState = ReturnType<typeof useInput>;

/** The input as it is typed, in fields or as JSON; what one shows the other has. */
export function useInput(definition: Schemas["Definition"]) {
  const said = (definition as Said).input_schema;
  const all = useMemo(() => fields(inputSchema(planOf(definition), said)), [definition, said]);
  const [typed, setTyped] = useState<Record<string, string>>({});
  // Members that have no field, kept when the fields are filled in from JSON.
  const [base, setBase] = useState<Json>({});
  const [json, setJson] = useState("{}");
  // Without any field there is only JSON to write.
  const [mode, setMode] = useState<"form" | "json">(all.length ? "form" : "json");
  const [tried, setTried] = useState(false);
  const assembled = assemble(all, typed, base);
  const parsed = parse(json);

  const take = (input: Json) => {
    // The form fills in members; anything but an object stands in the text only.
    const members = typeof input === "object" && input !== null && !Array.isArray(input) && !(input instanceof Exact);
    setBase(members ? input : {});
    setTyped(texts(all, input));
    setJson(write(input, 2));
    if (!members) setMode("json");
  };
  const show = (next: "form" | "json") => {
    if (next === mode) return;
    if (next === "json") setJson(write(assembled.input, 2));
    else if (parsed.value !== undefined) take(parsed.value);
    setMode(next);
  };
  /** The input, if it can be sent; from now on what is wrong is said. */
  const finish = (): Json | undefined => {
    setTried(true);
    if (mode === "json") return parsed.value;
    return Object.keys(assembled.wrong).length ? undefined : assembled.input;
  };
  /** What is missing is said only when somebody tried; what is wrong, at once. */
  const wrong = (key: string): Wrong | undefined => (assembled.wrong[key] === "missing" && !tried ? undefined : assembled.wrong[key]);
  const type = (key: string, text: string) => setTyped((now) => ({ ...now, [key]: text }));
  return { all, said: said !== undefined && said !== null, typed, type, wrong, json, setJson, parsed, mode, show, take, finish };
}

function parse(text: string): { value?: Json; error?: string } {
  try {
    return { value: read(text) as Json };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
