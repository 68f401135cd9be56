import { createContext, type ReactNode, use, useState } from "react";
import { VerbDialog } from "./dialog";
import type { Allowed } from "./verb";

interface Asked {
  allowed: Allowed;
  input: unknown;
}

const Context = createContext<((asked: Asked) => void) | null>(null);

/**
 * Holds the open dialog of a saga above everything that comes and goes with its state: what a person has typed stays, and
 * the dialog itself says that the verb is not allowed any more.
 */
export function Asking({ id, children }: { id: string; children: ReactNode }) {
  const [asked, ask] = useState<Asked | null>(null);
  return (
    <Context value={ask}>
      {children}
      {asked ? <VerbDialog id={id} allowed={asked.allowed} input={asked.input} onClose={() => ask(null)} /> : null}
    </Context>
  );
}

/** Opens the dialog of a verb. */
export function useAsk(): (asked: Asked) => void {
  const ask = use(Context);
  if (!ask) throw new Error("useAsk outside of Asking");
  return ask;
}
