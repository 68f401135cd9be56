import {
  type Icon,
  IconAlertTriangle,
  IconArrowBackUp,
  IconArrowBackUpDouble,
  IconCheck,
  IconCircleDashed,
  IconHandStop,
  IconPlayerSkipForward,
  IconProgress,
  IconQuestionMark,
  IconRefresh,
  IconX,
} from "@tabler/icons-react";
import type { Tone } from "../badge";

/** How a step stands: the words of the API, and two that follow from what is being done (`retrying`, `stuck`). */
export const STATES = [
  "waiting",
  "skipped",
  "acting",
  "retrying",
  "stuck",
  "done",
  "unusable",
  "unclear",
  "no_effect",
  "undoing",
  "undone",
] as const;
export type StepState = (typeof STATES)[number];

/** Colour and sign of each; the words are `definitions.states` of the catalogue. */
export const LOOKS: Record<StepState, { tone: Tone; icon: Icon }> = {
  waiting: { tone: "neutral", icon: IconCircleDashed },
  skipped: { tone: "neutral", icon: IconPlayerSkipForward },
  acting: { tone: "running", icon: IconProgress },
  retrying: { tone: "compensating", icon: IconRefresh },
  stuck: { tone: "parked", icon: IconHandStop },
  done: { tone: "completed", icon: IconCheck },
  unusable: { tone: "parked", icon: IconAlertTriangle },
  unclear: { tone: "compensating", icon: IconQuestionMark },
  no_effect: { tone: "parked", icon: IconX },
  undoing: { tone: "compensating", icon: IconArrowBackUp },
  undone: { tone: "compensated", icon: IconArrowBackUpDouble },
};

export const isState = (word: string): word is StepState => (STATES as readonly string[]).includes(word);

interface Known {
  status: string;
  progress?: { mode: string; failures: number } | null | undefined;
}

/** The word for a step of `GET /v1/sagas/{id}`. A later server's word is passed on as it is. */
export function stateOf({ status, progress }: Known): string {
  if (progress?.mode === "stuck") return "stuck";
  if (status === "acting" && progress && progress.failures > 0) return "retrying";
  return status;
}
