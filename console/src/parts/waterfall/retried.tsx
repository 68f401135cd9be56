import { Anchor } from "@mantine/core";
import { useText } from "../../text";
import { count } from "../format/number";
import css from "./failing.module.css";
import type { Analysis, Retries } from "./model";

const SHOWN_MAX = 3;

/** Calls that took several attempts. */
export function RetriedCalls({ analysis, onSelect }: { analysis: Analysis; onSelect: (span: string) => void }) {
  const { said } = useText().traces;
  const shown = analysis.retries.slice(0, SHOWN_MAX);
  if (shown.length === 0) return null;
  return (
    <ul className={css.notes}>
      {shown.map((call) => (
        <li key={call.spans[0]}>
          <Words call={call} />{" "}
          <Anchor component="button" type="button" inherit c="var(--accent)" underline="hover" onClick={() => call.spans[0] && onSelect(call.spans[0])}>
            {said.show}
          </Anchor>
        </li>
      ))}
      {analysis.retries_total > shown.length ? <li>{said.retries.more(count(analysis.retries_total - shown.length))}</li> : null}
    </ul>
  );
}

function Words({ call }: { call: Retries }) {
  const { retries, unnamed } = useText().traces.said;
  const called = call.called ?? unnamed;
  const attempts = count(call.attempts);
  return (
    <>
      {call.ok && call.replayed
        ? retries.replayed(call.service, called, call.name)
        : (call.ok ? retries.ok : retries.vain)(call.service, called, call.name, attempts)}{" "}
      <span className="soft">{retries.first(call.reason)}</span>
    </>
  );
}
