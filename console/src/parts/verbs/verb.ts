import { IconArrowBackUp, IconCheck, type Icon, IconEdit, IconHandStop, IconPlayerPause, IconPlayerPlay, IconPlayerSkipForward, IconRefresh, IconSend } from "@tabler/icons-react";
import type { Schemas } from "../../api/client";
import { read } from "../../api/json";

export const VERBS = ["retry", "complete", "skip", "edit", "pause", "resume", "cancel", "resend"] as const;
export type Verb = (typeof VERBS)[number];

export const isVerb = (word: string): word is Verb => (VERBS as readonly string[]).includes(word);

export const VERB_ICONS: Record<Verb, Icon> = {
  retry: IconRefresh,
  complete: IconCheck,
  skip: IconPlayerSkipForward,
  edit: IconEdit,
  pause: IconPlayerPause,
  resume: IconPlayerPlay,
  cancel: IconArrowBackUp,
  resend: IconSend,
};

export const UnknownVerb = IconHandStop;

/** With these a person vouches for something, so they have to say why. */
export const needsNote = (verb: Verb): boolean => verb === "complete" || verb === "skip" || verb === "edit";

/** What may be done, as the server says. */
export type Allowed = Schemas["Allowed"];

/** What a person fills in. */
export interface Fields {
  note: string;
  by: string;
  /** JSON, for `complete`. */
  output: string;
  /** JSON, for `edit`. */
  input: string;
}

/** JSON out of a field, with numbers as they were typed; nothing where it is none. */
export function parsed(text: string): { value: unknown } | null {
  try {
    return { value: read(text) };
  } catch {
    return null;
  }
}

/** What the server is sent, or nothing while a field is missing or wrong. */
export function body(allowed: Allowed, fields: Fields): Schemas["Act"] | null {
  const verb = allowed.verb as Verb;
  const note = fields.note.trim();
  const output = verb === "complete" ? parsed(fields.output) : undefined;
  const input = verb === "edit" ? parsed(fields.input) : undefined;
  if ((needsNote(verb) && !note) || output === null || input === null) return null;
  const by = fields.by.trim();
  return {
    ...(allowed.step ? { step: allowed.step } : {}),
    ...(allowed.half ? { half: allowed.half } : {}),
    ...(allowed.notice != null ? { notice: allowed.notice } : {}),
    ...(note ? { note } : {}),
    ...(by ? { by } : {}),
    ...(output ? { output: output.value } : {}),
    ...(input ? { input: input.value } : {}),
  };
}
