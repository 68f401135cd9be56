import type { Schemas } from "../../api/client";
import type { Text } from "../../text";

type Event = Schemas["Event"];

/** An event of a journal in words. One of a later server, which has no words here, is its own name. */
export function sentence(event: Event, { saga: text, desk: { verbs } }: Text): string {
  const { events, outcomes } = text;
  const of = event as Event & Record<string, unknown>;
  const word = (name: string): string => (typeof of[name] === "string" ? (of[name] as string) : "");
  const number = (name: string): number => (typeof of[name] === "number" ? (of[name] as number) : 0);
  const what = events.what(word("step"), word("half"));
  const cause = text.causes[word("cause") as keyof typeof text.causes] ?? word("cause");
  switch (event.type) {
    case "submitted":
      return events.submitted(word("definition"), number("version"));
    case "answered":
      return events.answered(word("step"), of.holds === true);
    case "started":
      return events.started(what, number("attempt"));
    case "finished":
      return events.finished(what, number("attempt"), outcomes[word("outcome") as keyof typeof outcomes] ?? word("outcome"), word("reason"));
    case "lost":
      return events.lost(what, number("attempt"));
    case "unrendered":
      return events.unrendered(what, word("reason"));
    case "withdrawn":
      return events.withdrawn(word("step"));
    case "turn_back_pending":
      return events.turn_back_pending(cause);
    case "turned_back":
      return events.turned_back(cause, word("step"));
    case "retried":
      return events.retried(what);
    case "vouched":
      return events.vouched(word("step"), text.vouched.kinds[word("vouch") as keyof typeof text.vouched.kinds] ?? word("vouch"), word("note"));
    case "edited":
      return events.edited(word("note"));
    case "noticed":
      return events.noticed(number("notice"), text.notices.states[word("delivery") as keyof typeof text.notices.states] ?? word("delivery"));
    case "paused":
    case "resumed":
    case "completed":
    case "compensated":
    case "parked":
      return events[event.type];
    case "acted":
      return events.acted(word("by"), verbs[word("verb") as keyof typeof verbs]?.label ?? word("verb"), word("note"));
    default:
      return (event as { type: string }).type;
  }
}
