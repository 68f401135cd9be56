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

/** Why a service is said to be as it is, in a sentence; nothing where there is nothing to say. */
export function why(state: Wellness, { whys }: Text["services"]): string | null {
  switch (state.is) {
    case "down":
      return whys.down(state.forMs === null ? null : durationMs(state.forMs), count(state.waiting), state.reason ?? "");
    case "out":
      return whys.out(count(state.endpoints), state.reason ?? "");
    case "removed":
      return whys.removed(count(state.waiting));
    case "partly":
      return whys.partly(count(state.out), count(state.endpoints), state.reason ?? "");
    case "failing":
      return whys.failing(percent(state.errors, state.requests));
    case "crowded":
      return whys.crowded(count(state.queued));
    case "well":
      return null;
    case "outside":
      return whys.outside;
  }
}
