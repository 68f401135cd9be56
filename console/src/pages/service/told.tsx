import { Accordion, Button } from "@mantine/core";
import { useState } from "react";
import type { Schemas } from "../../api/client";
import { Empty } from "../../parts/empty";
import { age } from "../../parts/format/duration";
import { Panel } from "../../parts/panel";
import { useText } from "../../text";
import css from "./service.module.css";

type Call = Schemas["ToldCall"];

/** As many as are read at a glance; the others are a click away. */
const FIRST = 8;

/**
 * A call has no name of its own; what was decided on its way, with its times, is as good as one. Equal ones are counted
 * from the oldest, so that what is open stays open when newer calls come.
 */
function named(calls: Call[]): { key: string; call: Call }[] {
  const seen = new Map<string, number>();
  const oldestFirst = [...calls].reverse().map((call) => {
    const what = `${call.method} ${call.path} ${call.ended} ${call.decisions.join()}`;
    const number = seen.get(what) ?? 0;
    seen.set(what, number + 1);
    return { key: `${what} ${number}`, call };
  });
  return oldestFirst.reverse();
}

/** What made a call remarkable, where the server's words are the known ones. */
const TURNS = /^(?:tried again|not tried again|turned away|answered by the fallback|no answer after)/;
const turn = ({ decisions }: Call): string | undefined => decisions.findLast((decision) => TURNS.test(decision));

/** The last remarkable calls, each with what was decided on the way: why it was tried again, or not, or turned away. */
export function Told({ calls }: { calls: Call[] }) {
  const { told: text, words } = useText().services;
  const [all, setAll] = useState(false);
  const shown = all ? calls : calls.slice(0, FIRST);
  return (
    <Panel title={text.title} aside={calls.length ? <span className="soft">{text.label}</span> : undefined} flush={calls.length > 0}>
      {calls.length === 0 ? (
        <Empty title={text.empty}>{text.emptyHelp}</Empty>
      ) : (
        <Accordion multiple chevronPosition="left" className={css.told} order={3}>
          {named(shown).map(({ key, call }) => (
            <Accordion.Item key={key} value={key}>
              <Accordion.Control>
                <Summary call={call} />
              </Accordion.Control>
              <Accordion.Panel>
                <ol className={css.decisions} aria-label={text.onTheWay}>
                  {call.decisions.map((decision, at) => (
                    <li key={`${at} ${decision}`}>{words(decision)}</li>
                  ))}
                </ol>
              </Accordion.Panel>
            </Accordion.Item>
          ))}
        </Accordion>
      )}
      {shown.length < calls.length ? (
        <Button variant="subtle" color="gray" size="compact-sm" m="xs" onClick={() => setAll(true)}>
          {text.more(String(calls.length - shown.length))}
        </Button>
      ) : null}
    </Panel>
  );
}

function Summary({ call }: { call: Call }) {
  const { common, services } = useText();
  const because = turn(call);
  return (
    <span className={css.call}>
      <span className="mono">
        {call.method} {call.path}
      </span>
      <span className={css.ended}>{services.words(call.ended)}</span>
      {because ? <span className="soft">{services.words(because)}</span> : null}
      <span className={`soft numbers ${css.when}`}>{common.ago(age(call.age_ms))}</span>
    </span>
  );
}
