import { Link } from "@tanstack/react-router";
import { colourOf } from "../../parts/colour-of";
import { duration } from "../../parts/format/duration";
import { rate } from "../../parts/format/number";
import { type Column, Rows } from "../../parts/rows";
import { useText } from "../../text";
import css from "./map.module.css";
import type { CallView, Figures, ServiceView } from "./query";
import { failedShare, StateBadge } from "./state";

/** All services, with their figures. */
export function Services({ services, seconds }: { services: ServiceView[]; seconds: number }) {
  const { map } = useText();
  const { columns: label } = map;
  const name: Column<ServiceView> = {
    key: "service",
    label: label.service,
    width: "minmax(90px, 1.4fr)",
    narrow: "minmax(0, 1fr)",
    cell: (row) => (
      <>
        <span className={css.name}>
          <span className={css.dot} style={{ background: colourOf(row.service) }} aria-hidden />
          <Link to="/map" search={(before) => ({ ...before, service: row.service })} resetScroll={false} className="row-link cut" title={map.open(row.service)}>
            {row.service}
          </Link>
        </span>
        <Under of={row} seconds={seconds} />
      </>
    ),
  };
  return <Rows label={map.services} columns={[name, ...figures<ServiceView>(label, seconds)]} rows={services} id={(row) => row.service} height={46} />;
}

/** All calls, with theirs. */
export function Calls({ calls, seconds }: { calls: CallView[]; seconds: number }) {
  const { map } = useText();
  const { columns: label } = map;
  const side = (key: "from" | "to"): Column<CallView> => ({
    key,
    label: label[key],
    width: "minmax(70px, 1fr)",
    // Where there is little room both stand in the first column.
    ...(key === "from" ? { narrow: "minmax(0, 1fr)" } : {}),
    cell: (row) => (
      <>
        <Service name={row[key]} />
        {key === "from" ? (
          <span className={css.narrowOnly}>
            {" → "}
            <Service name={row.to} />
          </span>
        ) : null}
        {key === "from" ? <Under of={row} seconds={seconds} /> : null}
      </>
    ),
  });
  return <Rows label={map.calls} columns={[side("from"), side("to"), ...figures<CallView>(label, seconds)]} rows={calls} id={(row) => `${row.from} ${row.to}`} height={46} />;
}

function Service({ name }: { name: string }) {
  const { map } = useText();
  return (
    <Link to="/map" search={(before) => ({ ...before, service: name })} resetScroll={false} className="link" title={map.open(name)}>
      {name}
    </Link>
  );
}

/** The figures in one line, where their columns have no room. */
function Under({ of, seconds }: { of: Figures; seconds: number }) {
  const { map } = useText();
  return (
    <div className={`${css.under} numbers`}>
      {rate(of.requests, seconds)} · {map.failed(failedShare(of))} · {map.columns.p95} {duration(of.p95_ns)}
    </div>
  );
}

type Labels = ReturnType<typeof useText>["map"]["columns"];

function figures<T extends Figures>(label: Labels, seconds: number): Column<T>[] {
  const time = (key: "p50_ns" | "p95_ns" | "p99_ns", name: string): Column<T> => ({
    key,
    label: name,
    width: "64px",
    right: true,
    cell: (row) => <span className="numbers">{row.requests ? duration(row[key]) : "–"}</span>,
  });
  return [
    { key: "state", label: label.state, width: "116px", narrow: "108px", cell: (row) => <StateBadge of={row} /> },
    { key: "rate", label: label.rate, width: "56px", right: true, cell: (row) => <span className="numbers">{rate(row.requests, seconds)}</span> },
    { key: "errors", label: label.errors, width: "60px", right: true, cell: (row) => <span className="numbers">{failedShare(row)}</span> },
    time("p50_ns", label.p50),
    time("p95_ns", label.p95),
    time("p99_ns", label.p99),
  ];
}
