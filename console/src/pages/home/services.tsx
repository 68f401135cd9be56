import { IconCheck, IconMinus, IconPlugConnectedX, IconAlertTriangle } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { Badge, type Tone } from "../../parts/badge";
import { Empty } from "../../parts/empty";
import { duration } from "../../parts/format/duration";
import { percent, rate } from "../../parts/format/number";
import { Panel } from "../../parts/panel";
import { type Column, Rows } from "../../parts/rows";
import { useText } from "../../text";
import type { ServiceHealth, State } from "./health";
import { useHealth } from "./use-health";

const LOOKS: Record<State, { tone: Tone; icon: typeof IconCheck }> = {
  down: { tone: "parked", icon: IconPlugConnectedX },
  ejected: { tone: "compensating", icon: IconAlertTriangle },
  failing: { tone: "parked", icon: IconAlertTriangle },
  quiet: { tone: "neutral", icon: IconMinus },
  up: { tone: "completed", icon: IconCheck },
};

const WINDOW_S = 900;

/** The services with rate, errors and latency; those that are not well first. */
export function Services() {
  const { services: text } = useText().home;
  const services = useHealth();
  const { columns: label } = text;
  const columns: Column<ServiceHealth>[] = [
    {
      key: "name",
      label: label.name,
      width: "minmax(90px, 1fr)",
      narrow: "minmax(0, 1fr)",
      cell: ({ name }) => (
        <Link to="/services/$name" params={{ name }} className="row-link">
          {name}
        </Link>
      ),
    },
    {
      key: "state",
      label: label.state,
      width: "minmax(110px, 1fr)",
      narrow: "minmax(0, 1fr)",
      cell: ({ state, out, reason }) => (
        <span title={reason}>
          <Badge tone={LOOKS[state].tone} icon={LOOKS[state].icon}>
            {state === "ejected" ? text.ejected(out) : text[state]}
          </Badge>
        </span>
      ),
    },
    { key: "rate", label: label.rate, width: "80px", right: true, cell: ({ requests }) => <span className="numbers">{rate(requests, WINDOW_S)}</span> },
    { key: "errors", label: label.errors, width: "72px", narrow: "56px", right: true, cell: ({ errors, requests }) => <span className="numbers">{percent(errors, requests)}</span> },
    { key: "p95", label: label.p95, width: "72px", narrow: "60px", right: true, cell: ({ p95Ns, requests }) => <span className="numbers">{requests ? duration(p95Ns) : "–"}</span> },
  ];
  return (
    <Panel
      title={text.title}
      flush
      aside={
        <Link to="/services" className="anchor">
          {text.all}
        </Link>
      }
    >
      {services?.length === 0 ? <Empty title={text.none}>{text.noneWhy}</Empty> : <Rows label={text.title} columns={columns} rows={services ?? []} id={(one) => one.name} height={38} />}
    </Panel>
  );
}
