import { useText } from "../../text";
import css from "./message.module.css";
import { pieces } from "./searched";

const LONGEST_LINE = 400;

/** A message on one line, with what was searched for marked. Colours of a terminal are left out. */
export function MessageLine({ body, marks }: { body: string; marks: RegExp | null }) {
  const line = firstLine(plain(body));
  return line ? <Marked text={line} marks={marks} /> : <NoMessage />;
}

/** A message in full. */
export function MessageText({ body, marks, label }: { body: string; marks: RegExp | null; label: string }) {
  const text = plain(body);
  return (
    // It scrolls itself where it is long: then it is reached by keyboard.
    <pre className={`mono ${css.full}`} tabIndex={0} role="region" aria-label={label}>
      {text.trim() ? <Marked text={text} marks={marks} /> : <NoMessage />}
    </pre>
  );
}

function Marked({ text, marks }: { text: string; marks: RegExp | null }) {
  return pieces(text, marks).map((piece, at) =>
    piece.marked ? (
      <mark key={at} className={css.mark}>
        {piece.text}
      </mark>
    ) : (
      piece.text
    ),
  );
}

const NoMessage = () => <span className="soft">{useText().logs.noMessage}</span>;

// What a terminal is told, beginning with Escape.
export const plain = (body: string): string => body.replace(/\u001b\[[\d;]*m/g, "");

/** The first line that says something, cut where nobody can see further; ` ⏎` tells that more follows. */
export function firstLine(body: string): string {
  const text = body.trim();
  const end = text.indexOf("\n");
  const line = (end < 0 ? text : `${text.slice(0, end).trimEnd()} ⏎`).replace(/\s+/g, " ");
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line;
}
