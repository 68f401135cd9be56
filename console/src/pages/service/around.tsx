import type { UseQueryResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Schemas } from "../../api/client";
import { Answer } from "../../parts/answer";
import { duration } from "../../parts/format/duration";
import { compact, percent } from "../../parts/format/number";
import { Panel } from "../../parts/panel";
import { useText } from "../../text";
import css from "./service.module.css";

type Call = Schemas["CallView"];

/** Its neighbours on the map, with the figures of the calls between them. */
export function Around({ name, map }: { name: string; map: UseQueryResult<Schemas["ServiceMap"]> }) {
  const text = useText().services.around;
  return (
    <Panel
      title={text.title}
      aside={
        <Link to="/map" search={{ service: name }} className="soft">
          {text.map}
        </Link>
      }
    >
      <Answer query={map} height={120}>
        {({ calls }) => (
          <div className={css.around}>
            <Side title={text.callers} none={text.noCallers} calls={calls.filter(({ to }) => to === name)} other={({ from }) => from} />
            <Side title={text.callees} none={text.noCallees} calls={calls.filter(({ from }) => from === name)} other={({ to }) => to} />
          </div>
        )}
      </Answer>
    </Panel>
  );
}

function Side({ title, none, calls, other }: { title: string; none: string; calls: Call[]; other: (call: Call) => string }) {
  const text = useText().services.around;
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {calls.length === 0 ? <p className="soft">{none}</p> : null}
      <ul>
        {calls.map((call) => (
          <li key={other(call)}>
            <Link to="/services/$name" params={{ name: other(call) }} className="link">
              {other(call)}
            </Link>
            <span className={`numbers ${css.small}`}>
              {text.requests(compact(call.requests))} · <span data-bad={call.errors > 0 || undefined}>{text.errors(percent(call.errors, call.requests))}</span> ·{" "}
              {text.p95(duration(call.p95_ns))}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
