import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useMemo } from "react";
import type { Schemas } from "../../api/client";
import { Answer } from "../../parts/answer";
import { Panel } from "../../parts/panel";
import { useText } from "../../text";
import { figuresQuery } from "./query";

// The drawing comes behind the numbers: they are what a person looks for first.
const Bars = lazy(() => import("../../parts/chart/bars").then(({ Bars }) => ({ default: Bars })));

const HEIGHT = 172;

/** How sagas ended, minute by minute. */
export function FiguresPanel() {
  const { figures: text } = useText().home;
  const query = useQuery(figuresQuery);
  return (
    <Panel title={text.title}>
      <Answer query={query} height={HEIGHT}>
        {(figures) => (
          <Suspense fallback={<div style={{ height: HEIGHT }} />}>
            <Chart figures={figures} />
          </Suspense>
        )}
      </Answer>
    </Panel>
  );
}

function Chart({ figures }: { figures: Schemas["SagaFigures"] }) {
  const { figures: text } = useText().home;
  const navigate = useNavigate();
  const series = useMemo(
    () => [
      { key: "completed", label: text.completed, colour: "var(--s-completed)" },
      { key: "compensated", label: text.compensated, colour: "var(--s-compensated)" },
      { key: "parked", label: text.parked, colour: "var(--s-parked)" },
    ],
    [text],
  );
  const at = useMemo(() => figures.counts.map((one) => Date.parse(one.from)), [figures]);
  const counts = useMemo(
    () => [figures.counts.map((one) => one.completed), figures.counts.map((one) => one.compensated), figures.counts.map((one) => one.parked)],
    [figures],
  );
  return (
    <Bars
      label={text.title}
      at={at}
      step={figures.step_ms}
      series={series}
      counts={counts}
      onSelect={(from, to) => void navigate({ to: "/sagas", search: { from: new Date(from).toISOString(), to: new Date(to).toISOString() } })}
    />
  );
}
