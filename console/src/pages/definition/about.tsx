import { Link } from "@tanstack/react-router";
import type { Schemas } from "../../api/client";
import { Copy } from "../../parts/copy";
import { Facts } from "../../parts/facts";
import { durationMs } from "../../parts/format/duration";
import { Json } from "../../parts/json";
import { Panel } from "../../parts/panel";
import { isStatus } from "../../parts/status";
import { useText } from "../../text";
import { OpenSagas } from "./open";
import { planOf } from "./plan";

/** What holds for the version as a whole. */
export function About({ definition }: { definition: Schemas["Definition"] }) {
  const { definitions, common } = useText();
  const text = definitions.one;
  const { name } = definition;
  const plan = planOf(definition);
  const notify = Array.isArray(plan.notify) ? plan.notify.map(String) : [];
  return (
    <Panel title={text.about}>
      <Facts
        facts={[
          [text.open, <OpenSagas key="open" definition={name} />],
          ["", <Link key="all" to="/sagas" search={{ definition: name }}>{text.all}</Link>],
          [text.timeout, durationMs(definition.timeout_ms), text.timeoutHelp],
          [text.output, plan.output === undefined ? null : <Json key="output" value={plan.output} label={text.output} />],
          [text.notify, notify.length ? notify.map((word) => (isStatus(word) ? common.statuses[word] : word)).join(", ") : null],
          [text.versions, String(definition.versions)],
          [
            text.digest,
            <span key="digest" style={{ display: "flex", alignItems: "center", gap: 4 }}>
              <span className="mono cut" title={definition.digest}>{definition.digest}</span>
              <Copy value={definition.digest} />
            </span>,
            text.digestHelp,
          ],
        ]}
      />
    </Panel>
  );
}
