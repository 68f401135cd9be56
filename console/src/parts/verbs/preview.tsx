import { Code, Stack } from "@mantine/core";
import type { Schemas } from "../../api/client";
import { write } from "../../api/json";
import { useText } from "../../text";
import { sentence } from "../events/sentence";
import { StatusBadge } from "../status";
import css from "./preview.module.css";

/** What a verb would cause: how the saga would stand, the events, and the calls that would leave. */
export function Preview({ run }: { run: Schemas["DryRun"] }) {
  const text = useText();
  const { desk } = text;
  return (
    <section className={css.preview} aria-label={desk.preview.title}>
      <div className={css.head}>
        {desk.preview.then} <StatusBadge status={run.status} /> {run.pending ? <span className="soft">{desk.preview.pending}</span> : null}
      </div>
      <ol className={css.list}>
        {run.events.map((event) => (
          <li key={event.seq}>{sentence(event, text)}</li>
        ))}
      </ol>
      {run.calls.length > 0 ? (
        <Stack gap={6} mt="xs">
          <span className="soft">{desk.preview.calls}</span>
          {run.calls.map((call) => (
            <div key={`${call.step}-${call.half}`} className="mono" style={{ overflowWrap: "anywhere" }}>
              <b>{call.service}</b> {call.request ?? call.error}
              {call.body !== undefined && call.body !== null ? <Code block>{write(call.body, 2)}</Code> : null}
            </div>
          ))}
        </Stack>
      ) : (
        <span className="soft">{desk.preview.noCalls}</span>
      )}
    </section>
  );
}
