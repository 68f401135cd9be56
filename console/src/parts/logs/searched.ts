import { fieldOf } from "../query-bar/fields";
import { scan, unquoted } from "../query-bar/scan";

const LETTER = "[\\p{L}\\p{N}_]";

/** What marks the words of a query in a message; null where it looks for none. */
export function searched(query: string): RegExp | null {
  const parts = scan(query)
    .filter((term) => !term.negated && !term.operator && (term.field === null || (!term.attribute && fieldOf(term.field) === "text")))
    .map((term) => pattern(term.value))
    .filter((part) => part !== null);
  return parts.length ? new RegExp(parts.join("|"), "giu") : null;
}

/** A word is not part of a longer one, except where a `*` says so. */
function pattern(value: string): string | null {
  const phrase = value.startsWith('"');
  const text = phrase ? unquoted(value) : value;
  if (!/[\p{L}\p{N}_]/u.test(text)) return null;
  const pieces = phrase ? [text] : text.split("*");
  const middle = pieces
    .map((piece, at) => (piece === "" ? "" : escape(piece) + (at < pieces.length - 1 ? (pieces[at + 1] === "" ? `${LETTER}*` : ".*?") : "")))
    .join("");
  const before = pieces[0] === "" ? `${LETTER}*` : edge(text[0], "(?<!", ")");
  const after = pieces.at(-1) === "" ? "" : edge(text.at(-1), "(?!", ")");
  return before + middle + after;
}

/** Only beside a letter can a word be cut. */
const edge = (letter: string | undefined, open: string, close: string): string => (letter && /[\p{L}\p{N}_]/u.test(letter) ? open + LETTER + close : "");

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");

/** A text in pieces: each is marked or not. */
export function pieces(text: string, marks: RegExp | null): { text: string; marked: boolean }[] {
  if (!marks) return [{ text, marked: false }];
  const all: { text: string; marked: boolean }[] = [];
  let at = 0;
  for (const { index, 0: found } of text.matchAll(marks)) {
    if (found === "") continue;
    if (index > at) all.push({ text: text.slice(at, index), marked: false });
    all.push({ text: found, marked: true });
    at = index + found.length;
  }
  if (at < text.length || all.length === 0) all.push({ text: text.slice(at), marked: false });
  return all;
}
