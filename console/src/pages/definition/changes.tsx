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
    <div className={css.scroll} role="region" aria-label={label} tabIndex={0}>
      <table className={css.changes}>
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
              <th scope="row">{change.at.map((name) => names[name] ?? name).join(" › ")}</th>
              <Value of={change.before} kind="before" />
              <Value of={change.after} kind="after" />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Value({ of, kind }: { of: Change["before"]; kind: "before" | "after" }) {
  const { absent } = useText().definitions.diff;
  if (of === undefined) return <td className="soft">{absent}</td>;
  return (
    <td className={`mono ${css[kind]}`}>{typeof of === "string" ? of : JSON.stringify(of)}</td>
  );
}
