import { durationMs } from "../../parts/format/duration";
import { useText } from "../../text";
import type { Change } from "./diff";
import css from "./definition.module.css";

interface Props {
  changes: Change[];
  versions: readonly [string, string];
  label: string;
}

/** Members that differ, with both values beside each other. */
export function Changes({ changes, versions, label }: Props) {
  const text = useText().definitions.diff;
  const names: Record<string, string> = text.members;
  return (
    <table className={css.changes} aria-label={label}>
      <thead>
        <tr>
          <th scope="col">{text.member}</th>
          {versions.map((version) => (
            <th key={version} scope="col">
              {text.before(version)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {changes.map((change) => (
          <tr key={change.at.join(".")}>
            <th scope="row">{change.at.map((name) => (Object.hasOwn(names, name) ? names[name] : undefined) ?? name).join(" › ")}</th>
            <Value value={change.before} name={change.at.at(-1)} kind="before" />
            <Value value={change.after} name={change.at.at(-1)} kind="after" />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Value({ value, name, kind }: { value: Change["before"]; name: string | undefined; kind: "before" | "after" }) {
  const { absent } = useText().definitions.diff;
  if (value === undefined) return <td className="soft">{absent}</td>;
  return <td className={`mono ${css[kind]}`}>{inWords(value, name)}</td>;
}

/** Times and growth as people say them; all else as it is written. */
function inWords(value: Exclude<Change["before"], undefined>, name: string | undefined): string {
  if (typeof value === "number" && name?.endsWith("_ms")) return durationMs(value);
  if (typeof value === "number" && name === "factor_percent") return `×${value / 100}`;
  return typeof value === "string" ? value : JSON.stringify(value);
}
