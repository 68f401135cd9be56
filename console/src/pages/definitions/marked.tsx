/** A message of the server, with what it has in backticks set as code. */
export function Marked({ text }: { text: string }) {
  return text.split("`").map((part, at) =>
    at % 2 ? (
      <code key={`${at} ${part}`} className="mono">
        {part}
      </code>
    ) : (
      part
    ),
  );
}
