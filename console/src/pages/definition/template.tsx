import css from "./definition.module.css";

/** Text with its `${{ … }}` set apart from what is always the same. */
export function Template({ text }: { text: string }) {
  const parts = text.split(/(\$\{\{.*?\}\})/gs);
  return (
    <span className="mono">
      {parts.map((part, at) =>
        part.startsWith("${{") ? (
          <span key={at} className={css.expression}>
            {part}
          </span>
        ) : (
          part
        ),
      )}
    </span>
  );
}
