import { Link } from "@tanstack/react-router";
import { useText } from "../../text";
import { duration } from "../format/duration";
import css from "./details.module.css";
import { Section } from "./facts";
import { SAGA, type Span } from "./model";

/** Names and values. What leads somewhere is a link. */
export function Pairs({ of, none }: { of: Record<string, string>; none?: string }) {
  const pairs = Object.entries(of);
  if (pairs.length === 0) return none ? <p className={css.none}>{none}</p> : null;
  return (
    <dl className={css.pairs}>
      {pairs.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {name === SAGA ? (
              <Link to="/sagas/$id" params={{ id: value }} className="link">
                {value}
              </Link>
            ) : (
              value
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** What happened at one moment of a span. */
export function Events({ span }: { span: Span }) {
  const { span: text } = useText().traces;
  const events = span.events ?? [];
  if (events.length === 0) return null;
  return (
    <Section title={text.events} count={events.length}>
      {events.map((event, at) => (
        <details key={`${event.time_ns} ${at}`} className={css.event}>
          <summary>
            <span className="soft numbers">+{duration(Math.max(0, Number(BigInt(event.time_ns) - BigInt(span.start_ns))))}</span> {event.name}
          </summary>
          <Pairs of={event.attributes} none={text.noAttributes} />
        </details>
      ))}
    </Section>
  );
}

/** Spans, maybe of other traces, that a span has to do with. */
export function Links({ span }: { span: Span }) {
  const { span: text } = useText().traces;
  const links = span.links ?? [];
  if (links.length === 0) return null;
  return (
    <Section title={text.links} count={links.length}>
      {links.map((link) => (
        <div key={`${link.trace_id} ${link.span_id}`}>
          <Link to="/traces/$id" params={{ id: link.trace_id }} search={{ span: link.span_id }} className={css.more}>
            {text.link} <span className="mono">{link.trace_id.slice(0, 12)}…</span>
          </Link>
          <Pairs of={link.attributes} />
        </div>
      ))}
    </Section>
  );
}
