import {
  type Icon,
  IconAlertTriangle,
  IconCheck,
  IconEye,
  IconHourglass,
  IconPlugConnectedX,
  IconTrash,
  IconUnlink,
} from "@tabler/icons-react";
import { Badge, type Tone } from "../../parts/badge";
import { durationMs } from "../../parts/format/duration";
import { count, percent } from "../../parts/format/number";
import { type Text, useText } from "../../text";
import type { Wellness } from "./model";

const LOOKS: Record<Wellness["is"], { tone: Tone; icon: Icon }> = {
  down: { tone: "parked", icon: IconPlugConnectedX },
  out: { tone: "parked", icon: IconPlugConnectedX },
  removed: { tone: "parked", icon: IconTrash },
  partly: { tone: "compensating", icon: IconUnlink },
  failing: { tone: "compensating", icon: IconAlertTriangle },
  crowded: { tone: "compensating", icon: IconHourglass },
  well: { tone: "completed", icon: IconCheck },
  outside: { tone: "neutral", icon: IconEye },
};

/** How a service is, in a word. */
export function ServiceBadge({ state }: { state: Wellness }) {
  const { states } = useText().services;
  const { tone, icon } = LOOKS[state.is];
  return (
    <Badge tone={tone} icon={icon}>
      {states[state.is]}
    </Badge>
  );
}

/** Why a service is said to be as it is: a sentence, and what the server says of it. Nothing where there is nothing to say. */
export interface Why {
  sentence: string;
  detail: string;
}

export function why(state: Wellness, { whys, words }: Text["services"]): Why | null {
  const waiting = (number: number) => (number > 0 ? count(number) : null);
  switch (state.is) {
    case "down":
      return { sentence: whys.down(state.forMs === null ? null : durationMs(state.forMs), waiting(state.waiting)), detail: words(state.reason ?? "") };
    case "out":
      return { sentence: whys.out(count(state.endpoints)), detail: words(state.reason ?? "") };
    case "removed":
      return { sentence: whys.removed(waiting(state.waiting)), detail: "" };
    case "partly":
      return { sentence: whys.partly(count(state.out), count(state.endpoints)), detail: words(state.reason ?? "") };
    case "failing":
      return { sentence: whys.failing(percent(state.errors, state.requests)), detail: "" };
    case "crowded":
      return { sentence: whys.crowded(count(state.queued)), detail: "" };
    case "well":
      return null;
    case "outside":
      return { sentence: state.ondol ? whys.ondol : whys.outside, detail: "" };
  }
}
