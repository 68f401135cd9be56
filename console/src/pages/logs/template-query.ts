import { scan } from "../../parts/query-bar/scan";
import { fieldIs, withCondition } from "../../parts/query-bar/write";
import type { Schemas } from "../../api/client";

type Template = Pick<Schemas["Template"], "service" | "text">;

/** What stands for a part that differs. */
export const DIFFERS = "<*>";

const MOST_PHRASES = 8;

/** A query that finds the lines of a template: its service, and each part that all of them have. */
export function templateQuery(query: string, { service, text }: Template): string {
  const pieces = text.split(DIFFERS);
  const phrases = pieces
    // What touches a part that differs may be only half of a word.
    .map((piece, at) => whole(piece, at > 0, at < pieces.length - 1))
    .filter((phrase) => /[\p{L}\p{N}_]/u.test(phrase))
    .sort((a, b) => b.length - a.length)
    .slice(0, MOST_PHRASES)
    .map((phrase) => `"${phrase.replace(/["\\]/g, "\\$&")}"`);
  const base = scan(query).some((term) => term.field === "service" && term.value === service) ? query : withCondition(query, fieldIs("service", service));
  return phrases.reduce(withCondition, base);
}

function whole(piece: string, cutBefore: boolean, cutAfter: boolean): string {
  const begun = cutBefore ? piece.replace(/^[\p{L}\p{N}_]+/u, "") : piece;
  const ended = cutAfter ? begun.replace(/[\p{L}\p{N}_]+$/u, "") : begun;
  // A line break is no part of a phrase worth reading.
  return (ended.split("\n")[0] ?? "").trim();
}
