import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Schemas } from "../../api/client";
import { statusQuery } from "../../app/server";
import { colour, type Tone } from "../../parts/badge";
import { compact, count } from "../../parts/format/number";
import { useText } from "../../text";
import css from "./home.module.css";
import { figuresQuery } from "./query";

type Counts = Schemas["SagaFigure"][];

const sum = (counts: Counts | undefined, of: "completed" | "compensated"): number | undefined =>
  counts?.reduce((total, one) => total + one[of], 0);

/** How many sagas there are of each kind, each the way to them. */
export function Stats() {
  const { stats } = useText().home;
  const sagas = useQuery(statusQuery).data?.sagas;
  const counts = useQuery(figuresQuery).data?.counts;
  const shown: { key: keyof typeof stats; tone: Tone; value: number | undefined; status: string; hour?: boolean }[] = [
    { key: "parked", tone: "parked", value: sagas?.parked, status: "parked" },
    { key: "running", tone: "running", value: sagas?.running, status: "running" },
    { key: "compensating", tone: "compensating", value: sagas?.compensating, status: "compensating" },
    { key: "completed", tone: "completed", value: sum(counts, "completed"), status: "completed", hour: true },
    { key: "compensated", tone: "compensated", value: sum(counts, "compensated"), status: "compensated", hour: true },
  ];
  return (
    <nav className={css.stats} aria-label={stats.label}>
      {shown.map(({ key, tone, value, status, hour }) => {
        const content = (
          <>
            <span className={css.number} data-some={value ? true : undefined} title={value === undefined ? "" : count(value)}>
              {value === undefined ? "–" : compact(value)}
            </span>
            <span className={css.label}>{stats[key]}</span>
          </>
        );
        const style = { "--of": colour(tone) } as React.CSSProperties;
        return key === "parked" ? (
          <Link key={key} to="/desk" className={css.stat} style={style}>
            {content}
          </Link>
        ) : (
          <Link key={key} to="/sagas" search={{ status, ...(hour ? { since: "1h" as const } : {}) }} className={css.stat} style={style}>
            {content}
          </Link>
        );
      })}
    </nav>
  );
}
