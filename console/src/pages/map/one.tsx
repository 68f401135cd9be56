import { ActionIcon } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { Range } from "../../app/search";
import { colourOf } from "../../parts/colour-of";
import { duration } from "../../parts/format/duration";
import { count, rate } from "../../parts/format/number";
import { Facts, Section } from "../../parts/waterfall/facts";
import { term } from "../../parts/waterfall/term";
import { useText } from "../../text";
import css from "./map.module.css";
import { type CallView, RANGE_USUAL, type ServiceMap, type ServiceView } from "./query";
import { failedShare, StateBadge } from "./state";

interface Props {
  map: ServiceMap;
  one: ServiceView;
  range: Range;
  seconds: number;
  onClose: () => void;
}

/** One service: its figures, who calls it and whom it calls, and where to look further. */
export function One({ map, one, range, seconds, onClose }: Props) {
  const { map: text } = useText();
  const { panel, columns } = text;
  const { service } = one;
  const callers = map.calls.filter((call) => call.to === service && call.from !== service);
  const callees = map.calls.filter((call) => call.from === service && call.to !== service);
  const within: Range = range.from ? range : { since: range.since ?? RANGE_USUAL };
  const q = term("service", service);
  return (
    <>
      <div className={css.oneHead}>
        <h2>
          <span className={css.dot} style={{ background: colourOf(service) }} aria-hidden /> {service}
        </h2>
        <ActionIcon variant="subtle" color="gray" aria-label={panel.close} onClick={onClose}>
          <IconX size={17} />
        </ActionIcon>
      </div>
      <StateBadge of={one} />
      <Facts>
        {[
          [panel.requests, <span key="" className="numbers">{count(one.requests)}</span>],
          [panel.rate, <span key="" className="numbers">{rate(one.requests, seconds)}</span>],
          [panel.errors, <span key="" className="numbers">{`${count(one.errors)} (${failedShare(one)})`}</span>],
          [`${columns.p50} · ${columns.p95} · ${columns.p99}`, <span key="" className="numbers">{[one.p50_ns, one.p95_ns, one.p99_ns].map(duration).join(" · ")}</span>],
          [panel.spans, <span key="" className="numbers">{count(one.spans)}</span>],
        ]}
      </Facts>
      <nav className={css.leads} aria-label={panel.label(service)}>
        <Link to="/traces" search={{ q, ...within }}>{panel.traces}</Link>
        <Link to="/traces" search={{ q: `${q} status:error`, ...within }}>{panel.failed}</Link>
        <Link to="/logs" search={{ q, ...within }}>{panel.logs}</Link>
        <Link to="/services/$name" params={{ name: service }}>{panel.page}</Link>
        {one.exemplar ? <Link to="/traces/$id" params={{ id: one.exemplar }}>{panel.exemplar}</Link> : null}
      </nav>
      <Neighbours title={panel.callers} none={panel.noCallers} calls={callers} other="from" seconds={seconds} />
      <Neighbours title={panel.callees} none={panel.noCallees} calls={callees} other="to" seconds={seconds} />
    </>
  );
}

interface NeighboursProps {
  title: string;
  none: string;
  calls: CallView[];
  other: "from" | "to";
  seconds: number;
}

function Neighbours({ title, none, calls, other, seconds }: NeighboursProps) {
  const { map } = useText();
  return (
    <Section title={title} level={3} count={calls.length}>
      {calls.length === 0 ? <p className={css.none}>{none}</p> : null}
      <ul className={css.neighbours}>
        {calls.map((call) => (
          <li key={call[other]}>
            <Link to="/map" search={(before) => ({ ...before, service: call[other] })} resetScroll={false} className="link" title={map.open(call[other])}>
              <span className={css.dot} style={{ background: colourOf(call[other]) }} aria-hidden /> {call[other]}
            </Link>
            <span className="soft numbers">
              {rate(call.requests, seconds)} · {map.failed(failedShare(call))} · p95 {duration(call.p95_ns)}
            </span>
            {call.exemplar ? (
              <Link to="/traces/$id" params={{ id: call.exemplar }} className={css.more}>
                {map.panel.exemplar}
              </Link>
            ) : null}
          </li>
        ))}
      </ul>
    </Section>
  );
}
