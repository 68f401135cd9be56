import type { Text } from "../../text";
import type { Saga } from "./query";

/** What happens next and when, in the reader's language; the server says it in English only. Nothing at the end. */
export function nextWords(saga: Saga, { saga: text }: Text): { what: string; at: string | null } | null {
  const { waits } = text.story;
  if (!saga.next) return null;
  const at = saga.next.at ?? null;
  if (saga.ended_at) {
    const due = saga.notices.find((notice) => notice.state === "due");
    return { what: due ? waits.notice(due.number) : saga.next.what, at };
  }
  const halves = saga.steps.flatMap((step) => (step.progress ? [{ step, progress: step.progress, what: text.events.what(step.name, step.progress.half) }] : []));
  const flying = halves.find(({ progress }) => progress.mode === "in_flight");
  if (flying) return { what: waits.answer(flying.what, flying.step.service), at };
  if (saga.paused) return { what: waits.resume, at };
  const waiting = halves
    .filter(({ progress }) => progress.mode === "waiting")
    .sort((left, right) => (left.progress.due_at ?? "").localeCompare(right.progress.due_at ?? ""))[0];
  if (waiting) return { what: waits.again(waiting.what), at };
  const stuck = halves.find(({ progress }) => progress.mode === "stuck");
  if (stuck) return { what: waits.person(stuck.what), at };
  return { what: waits.send, at };
}
