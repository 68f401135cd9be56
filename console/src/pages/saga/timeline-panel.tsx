import { Tooltip } from "@mantine/core";
import { colour, type Tone } from "../../parts/badge";
import { durationMs } from "../../parts/format/duration";
import { useNow } from "../../parts/now";
import { Panel } from "../../parts/panel";
import { useText } from "../../text";
import type { Saga } from "./query";
import { type Stretch, timeline } from "./timeline";
import css from "./timeline.module.css";

/** How an attempt ended, by colour; in words it stands in the tooltip and in the table of attempts. */
export const OUTCOME_TONES: Record<string, Tone> = {
  done: "completed",
  in_flight: "running",
  refused: "parked",
  unusable: "parked",
  unclear: "compensating",
  lost: "compensating",
  not_sent: "neutral",
};

/** Every attempt on one axis, with the waits between them. */
export function TimelinePanel({ saga }: { saga: Saga }) {
  const { saga: text } = useText();
  const now = useNow();
  const { from, to, rows } = timeline(saga, saga.ended_at ? Date.parse(saga.ended_at) : now);
  const percent = (ms: number) => `${(100 * (ms - from)) / (to - from)}%`;
  const outcomes = [...new Set(rows.flatMap((row) => row.stretches.filter((one) => one.kind === "attempt").map((one) => one.outcome)))];
  const undoing = rows.some((row) => row.stretches.some((one) => one.half === "compensation"));
  return (
    <Panel title={text.timeline.title}>
      <ol className={css.grid}>
        {rows.map((row) => (
          <li key={row.step} className={css.row}>
            <div className={`${css.name} cut`}>
              {row.step} <span className="soft">{row.service}</span>
            </div>
            <div className={css.lane}>
              {row.stretches.map((one) => (
                <Tooltip key={`${one.kind}-${one.half}-${one.number}`} label={describe(one, text)} multiline maw={360} withArrow events={{ hover: true, focus: true, touch: true }}>
                  <button
                    type="button"
                    className={css.stretch}
                    data-kind={one.kind}
                    data-half={one.half}
                    aria-label={describe(one, text)}
                    style={{ left: percent(one.from), width: percent(from + one.to - one.from), "--of": colour(OUTCOME_TONES[one.outcome] ?? "neutral") } as React.CSSProperties}
                  />
                </Tooltip>
              ))}
            </div>
          </li>
        ))}
      </ol>
      <div className={css.grid} aria-hidden>
        <div className={`${css.axis} numbers`}>
          <span>0</span>
          <span>{durationMs((to - from) / 2)}</span>
          <span>{durationMs(to - from)}</span>
        </div>
      </div>
      <div className={css.key} aria-hidden>
        {outcomes.map((outcome) => (
          <span key={outcome}>
            <i className={`${css.stretch} ${css.swatch}`} style={{ "--of": colour(OUTCOME_TONES[outcome] ?? "neutral") } as React.CSSProperties} />
            {text.outcomes[outcome as keyof typeof text.outcomes] ?? outcome}
          </span>
        ))}
        {undoing ? (
          <span>
            <i className={`${css.stretch} ${css.swatch}`} data-half="compensation" style={{ "--of": "var(--soft)" } as React.CSSProperties} />
            {text.timeline.compensation}
          </span>
        ) : null}
      </div>
    </Panel>
  );
}

function describe(one: Stretch, text: ReturnType<typeof useText>["saga"]): string {
  const took = durationMs(one.to - one.from);
  if (one.kind === "wait") return text.timeline.waited(took);
  const outcome = text.outcomes[one.outcome as keyof typeof text.outcomes] ?? one.outcome;
  return text.timeline.attempt(text.halfOf(one.half), one.number, outcome, took, one.reason);
}
