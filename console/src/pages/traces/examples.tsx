import { useText } from "../../text";
import css from "./traces.module.css";

/** What people mostly ask for; each shows how the language is written. */
const EXAMPLES = ["status:error", "duration:>100ms", "kind:server status:error", "http.response.status_code:>=500", "service:ondol name:saga*"];

/** Queries to begin with; the one that is asked is let go by choosing it again. */
export function Examples({ value, onChange }: { value: string; onChange: (q: string) => void }) {
  const { query } = useText().traces;
  return (
    <div className={css.examples}>
      <span className="soft">{query.examples}</span>
      {EXAMPLES.map((example) => (
        <button key={example} type="button" className={css.chip} aria-pressed={value === example} onClick={() => onChange(value === example ? "" : example)}>
          {example}
        </button>
      ))}
    </div>
  );
}
