import type { Schemas } from "../../api/client";
import { Facts } from "../../parts/facts";
import { count } from "../../parts/format/number";
import { Panel } from "../../parts/panel";
import { useText } from "../../text";
import css from "./service.module.css";

interface Props {
  calls: Schemas["ServiceCalls"];
  /** Calls of sagas that sleep on the service. */
  waiting: number;
}

/** How much of what the service bears is used, and whether a retry could be paid for. */
export function Load({ calls, waiting }: Props) {
  const text = useText().services.load;
  const { in_flight, limit, queued } = calls.throttle;
  return (
    <Panel title={text.title}>
      <Facts
        facts={[
          [
            text.limit,
            <div key="limit">
              <span className="numbers">{text.limitOf(count(in_flight), count(limit))}</span>
              <div className={css.gauge} aria-hidden>
                <div style={{ width: `${Math.min(100, limit ? (100 * in_flight) / limit : 0)}%` }} />
              </div>
            </div>,
            text.limitHelp,
          ],
          [text.queued, <span key="queued" className="numbers">{count(queued)}</span>, text.queuedHelp],
          [text.sleeping, waiting ? <span key="waiting" className="numbers">{count(waiting)}</span> : null, text.sleepingHelp],
          [
            text.budget,
            <span key="budget" className={calls.retry_budget <= 0 ? `numbers ${css.bad}` : "numbers"}>
              {calls.retry_budget <= 0 ? `${count(calls.retry_budget)} (${text.budgetEmpty})` : count(calls.retry_budget)}
            </span>,
            text.budgetHelp,
          ],
        ]}
      />
    </Panel>
  );
}
