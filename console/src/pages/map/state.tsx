import { IconAlertTriangle, IconCheck, IconCircleX, IconMinus } from "@tabler/icons-react";
import { Badge, type Tone } from "../../parts/badge";
import { percent } from "../../parts/format/number";
import { useText } from "../../text";
import type { Figures } from "./query";

export type State = "well" | "some" | "many" | "quiet";

/** From this share of failed requests on something is wrong, not only somebody. */
const MANY = 0.05;

/** How a service or a call does, by the share of its requests that failed. */
export function stateOf({ requests, errors }: Pick<Figures, "requests" | "errors">): State {
  if (requests === 0) return "quiet";
  if (errors === 0) return "well";
  return errors / requests >= MANY ? "many" : "some";
}

export const TONES: Record<State, Tone> = { well: "completed", some: "compensating", many: "parked", quiet: "neutral" };
export const ICONS = { well: IconCheck, some: IconAlertTriangle, many: IconCircleX, quiet: IconMinus };

export function StateBadge({ of }: { of: Figures }) {
  const { map } = useText();
  const state = stateOf(of);
  return (
    <Badge tone={TONES[state]} icon={ICONS[state]}>
      {map.states[state]}
    </Badge>
  );
}

/** The share that failed, in words where there is any. */
export const failedShare = ({ requests, errors }: Figures): string => percent(errors, requests);
