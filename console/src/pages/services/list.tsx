import { Link } from "@tanstack/react-router";
import { length, type Range } from "../../app/search";
import { Empty } from "../../parts/empty";
import { duration } from "../../parts/format/duration";
import { compact, count, percent, rate } from "../../parts/format/number";
import { useNow } from "../../parts/now";
import { type Column, Rows } from "../../parts/rows";
import { useText } from "../../text";
import { fallbacks, isUsable, type Known, type Wellness } from "./model";
import { RANGE } from "./query";
import { ServiceBadge, why } from "./state";
import css from "./services.module.css";

interface Row {
  known: Known;
  state: Wellness;
}

/** A line for each service: is it well, and if not why; then its figures. */
export function List({ rows, range }: { rows: Row[]; range: Range }) {
  const text = useText().services;
  const { list } = text;
  const seconds = length(range, useNow(), RANGE) / 1_000;
  if (rows.length === 0) return <Empty title={list.empty}>{list.emptyHelp}</Empty>;
  const figure = (key: string, label: string, width: string, of: (row: Known) => React.ReactNode): Column<Row> => ({
    key,
    label,
    width,
    right: true,
    cell: ({ known }) => <span className="numbers">{of(known) ?? <span className="soft">–</span>}</span>,
  });
  const columns: Column<Row>[] = [
    {
      key: "name",
      label: list.service,
      width: "minmax(0, 3fr)",
      narrow: "minmax(0, 1fr)",
      cell: ({ known, state }) => {
        const because = why(state, text);
        const all = because ? [because.sentence, because.detail].filter(Boolean).join(": ") : "";
        return (
          <div className={css.name}>
            <Link to="/services/$name" params={{ name: known.name }} className="row-link cut">
              {known.name}
            </Link>
            {all ? (
              <span className={`cut ${css.why}`} title={all}>
                {all}
              </span>
            ) : null}
          </div>
        );
      },
    },
    { key: "state", label: list.state, width: "130px", narrow: "auto", cell: ({ state }) => <ServiceBadge state={state} /> },
    figure("endpoints", list.endpoints, "80px", ({ calls }) => {
      if (!calls) return null;
      const usable = calls.endpoints.filter(isUsable).length;
      return <span className={usable < calls.endpoints.length ? css.bad : undefined}>{list.of(count(usable), count(calls.endpoints.length))}</span>;
    }),
    figure("rate", list.rate, "76px", ({ figures }) => figures && rate(figures.requests, seconds)),
    figure("errors", list.errors, "76px", ({ figures }) =>
      figures ? <span className={figures.errors ? css.bad : undefined}>{percent(figures.errors, figures.requests)}</span> : null,
    ),
    figure("p95", list.p95, "76px", ({ figures }) => (figures?.requests ? duration(figures.p95_ns) : null)),
    figure("inFlight", list.inFlight, "86px", ({ calls, target }) =>
      calls ? list.inFlightOf(count(calls.throttle.in_flight), count(calls.throttle.queued + (target?.waiting ?? 0))) : null,
    ),
    figure("budget", list.budget, "80px", ({ calls }) => calls && count(calls.retry_budget)),
    figure("fallbacks", list.fallbacks, "80px", ({ calls }) => calls && compact(fallbacks(calls.counts))),
  ];
  return <Rows label={text.title} columns={columns} rows={rows} id={({ known }) => known.name} height={62} />;
}
