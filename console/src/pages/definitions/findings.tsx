import { IconAlertTriangle, IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { Schemas } from "../../api/client";
import { statusQuery } from "../../app/server";
import { Badge } from "../../parts/badge";
import { Empty } from "../../parts/empty";
import { Notice } from "../../parts/notice";
import { Panel } from "../../parts/panel";
import { useText } from "../../text";
import { Marked } from "./marked";
import css from "./definitions.module.css";

/** What lint says of the file that is in force: what, where, why it matters, and what to do. */
export function Findings({ system }: { system: Schemas["System"] }) {
  const { lint } = useText().definitions;
  const problem = useQuery(statusQuery).data?.system_problem;
  const { findings } = system;
  return (
    <Panel
      title={lint.title}
      aside={
        <Badge tone={findings.length ? "compensating" : "completed"} icon={findings.length ? IconAlertTriangle : IconCircleCheck}>
          {findings.length ? lint.count(String(findings.length)) : lint.none}
        </Badge>
      }
    >
      {problem ? (
        <Notice kind="bad" title={lint.problem}>
          {problem}
        </Notice>
      ) : null}
      {findings.length === 0 ? (
        <Empty title={lint.none}>{lint.noneHelp}</Empty>
      ) : (
        <ol className={css.findings}>
          {findings.map((finding) => (
            <li key={`${finding.code} ${finding.line} ${finding.column} ${finding.path}`}>
              <Finding finding={finding} />
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}

function Finding({ finding }: { finding: Schemas["Finding"] }) {
  const { lint } = useText().definitions;
  const { severity, code, line, column, path, message, reason, fix } = finding;
  const bad = severity === "error";
  return (
    <article className={css.finding} aria-label={`${code}: ${message}`}>
      <p className={css.where}>
        <Badge tone={bad ? "parked" : "compensating"} icon={bad ? IconCircleX : IconAlertTriangle}>
          {lint.severities[severity] ?? severity}
        </Badge>
        <span className="mono">{code}</span>
        <span className="soft">
          {lint.where(String(line), String(column))} · <span className="mono">{path}</span>
        </span>
      </p>
      <p className={css.message}><Marked text={message} /></p>
      <p>
        <span className="soft">{lint.why}:</span> <Marked text={reason} />
      </p>
      <p>
        <span className="soft">{lint.fix}:</span> <Marked text={fix} />
      </p>
    </article>
  );
}
