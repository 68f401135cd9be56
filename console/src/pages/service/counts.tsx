import type { Schemas } from "../../api/client";
import { colour, type Tone } from "../../parts/badge";
import { Empty } from "../../parts/empty";
import { Facts } from "../../parts/facts";
import { count, percent } from "../../parts/format/number";
import { Panel } from "../../parts/panel";
import { useText } from "../../text";
import css from "./service.module.css";

const KINDS = [
  ["answered_2xx", "completed"],
  ["answered_3xx", "neutral"],
  ["answered_4xx", "compensating"],
  ["answered_5xx", "parked"],
  ["answered_other", "neutral"],
  ["unclear", "compensated"],
  ["not_sent", "running"],
  ["rejected", "neutral"],
] as const satisfies [keyof Schemas["CallCounts"], Tone][];

/** What all calls came to, as shares of one bar and in words. */
export function Counts({ counts }: { counts: Schemas["CallCounts"] }) {
  const text = useText().services.counts;
  const total = KINDS.reduce((sum, [kind]) => sum + counts[kind], 0);
  const shown = KINDS.filter(([kind]) => counts[kind] > 0);
  const fallbacks = (["static", "cached", "alternate"] as const).filter((kind) => counts.fallbacks[kind] > 0);
  return (
    <Panel title={text.title} aside={<span className="soft">{text.since}</span>}>
      {total === 0 ? (
        <Empty title={text.none} />
      ) : (
        <>
          <div className={css.bar} aria-hidden>
            {shown.map(([kind, tone]) => (
              <div key={kind} style={{ flexGrow: counts[kind], background: colour(tone) }} />
            ))}
          </div>
          <ul className={css.counts}>
            {shown.map(([kind, tone]) => (
              <li key={kind}>
                <span className={css.dot} style={{ background: colour(tone) }} aria-hidden />
                <span>{text.kinds[kind]}</span>
                <span className="numbers">{count(counts[kind])}</span>
                <span className="numbers soft">{percent(counts[kind], total)}</span>
                {text.helps[kind] ? <span className={css.small}>{text.helps[kind]}</span> : null}
              </li>
            ))}
          </ul>
          <Facts
            facts={[
              [text.attempts, <span key="attempts" className="numbers">{count(counts.attempts)}</span>],
              [text.retries, <span key="retries" className="numbers">{count(counts.retries)}</span>, text.retriesHelp],
              [text.hedges, counts.hedges ? <span key="hedges" className="numbers">{count(counts.hedges)}</span> : null],
              [text.fallbacks, fallbacks.length ? fallbacks.map((kind) => `${count(counts.fallbacks[kind])} × ${text.fallback[kind]}`).join(", ") : text.noFallback],
            ]}
          />
        </>
      )}
    </Panel>
  );
}
