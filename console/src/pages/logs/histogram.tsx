import { useQuery } from "@tanstack/react-query";
import type { Schemas } from "../../api/client";
import { length } from "../../app/search";
import { Answer } from "../../parts/answer";
import { Bars } from "../../parts/chart/bars";
import { count } from "../../parts/format/number";
import { LEVELS } from "../../parts/logs/level";
import { Panel } from "../../parts/panel";
import { useText } from "../../text";
import { filled } from "./fill";
import css from "./logs.module.css";
import { histogramQuery, type Search } from "./query";

interface Props {
  search: Search;
  /** Is there nothing to count, and is it said elsewhere why? */
  quiet: boolean;
  onSelect: (from: string, to: string) => void;
}

/** How many lines there are over time, by level; the worst lie at the bottom, where they are seen. */
export function Histogram({ search, quiet, onSelect }: Props) {
  const { logs } = useText();
  const query = useQuery(histogramQuery(search));
  const to = search.to ? Date.parse(search.to) : query.dataUpdatedAt;
  const from = to - length(search, to);
  return (
    <Panel title={logs.overTime} aside={<span className={`soft ${css.hint}`}>{logs.drag}</span>}>
      <div className={css.levels}>
        {quiet ? null : (
          <Answer query={query} height={148}>
            {(histogram) => <Levels histogram={histogram} from={from} to={to} onSelect={onSelect} />}
          </Answer>
        )}
      </div>
    </Panel>
  );
}

interface LevelsProps extends Pick<Props, "onSelect"> {
  histogram: Schemas["Histogram"];
  from: number;
  to: number;
}

function Levels({ histogram, from, to, onSelect }: LevelsProps) {
  const { logs, common } = useText();
  const { at, counts } = filled(histogram, from, to);
  const some = LEVELS.filter((level) => counts.some((step) => step[level] > 0));
  const present = some.length ? some : (["info"] as const);
  return (
    <Bars
      label={`${logs.overTime}: ${logs.total(count(total(histogram.counts)))}`}
      height={120}
      at={at}
      step={histogram.step_ns / 1e6}
      series={present.map((level) => ({ key: level, label: common.levels[level], colour: `var(--l-${level})` }))}
      counts={present.map((level) => counts.map((step) => step[level]))}
      onSelect={(first, last) => onSelect(new Date(first).toISOString(), new Date(last).toISOString())}
    />
  );
}

type Counts = Record<(typeof LEVELS)[number], number>;

export const total = (counts: Counts[]): number => counts.reduce((sum, step) => sum + LEVELS.reduce((of, level) => of + step[level], 0), 0);
