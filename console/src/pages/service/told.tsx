import { Accordion } from "@mantine/core";
import type { Schemas } from "../../api/client";
import { Empty } from "../../parts/empty";
import { age } from "../../parts/format/duration";
import { Panel } from "../../parts/panel";
import { useText } from "../../text";
import css from "./service.module.css";

type Call = Schemas["ToldCall"];

/** A call has no name of its own; when it ended and what it was is as good as one while the list is asked again. */
const named = (calls: Call[], asked: number): { key: string; call: Call }[] => {
  const seen = new Map<string, number>();
  return calls.map((call) => {
    const base = `${Math.round((asked - call.age_ms) / 1_000)} ${call.method} ${call.path}`;
    const at = seen.get(base) ?? 0;
    seen.set(base, at + 1);
    return { key: `${base} ${at}`, call };
  });
};

/** The last remarkable calls, each with what was decided on the way: why it was tried again, or not, or turned away. */
export function Told({ calls }: { calls: Call[] }) {
  const { services, common } = useText();
  const text = services.told;
  return (
    <Panel title={text.title} aside={calls.length ? <span className="soft">{text.label}</span> : undefined} flush={calls.length > 0}>
      {calls.length === 0 ? (
        <Empty title={text.empty}>{text.emptyHelp}</Empty>
      ) : (
        <Accordion multiple chevronPosition="left" className={css.told} order={3}>
          {named(calls, Date.now()).map(({ key, call }) => (
            <Accordion.Item key={key} value={key}>
              <Accordion.Control>
                <span className={css.call}>
                  <span className="mono cut">
                    {call.method} {call.path}
                  </span>
                  <span className={css.ended}>{call.ended}</span>
                  <span className="soft numbers">{common.ago(age(call.age_ms))}</span>
                </span>
              </Accordion.Control>
              <Accordion.Panel>
                <ol className={css.decisions} aria-label={text.onTheWay}>
                  {call.decisions.map((decision, at) => (
                    <li key={`${at} ${decision}`}>{decision}</li>
                  ))}
                </ol>
              </Accordion.Panel>
            </Accordion.Item>
          ))}
        </Accordion>
      )}
    </Panel>
  );
}
