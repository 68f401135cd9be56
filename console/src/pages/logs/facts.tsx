import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode } from "react";
import { asProblem } from "../../api/problem";
import { Copy } from "../../parts/copy";
import { clock, day, millis } from "../../parts/format/time";
import { LevelTag } from "../../parts/logs/level";
import { Ago } from "../../parts/moment";
import { fieldIs } from "../../parts/query-bar/write";
import { useText } from "../../text";
import { AddToQuery } from "./add-to-query";
import css from "./details.module.css";
import type { Line } from "./line";
import { sagaOfTraceQuery } from "./query";

/** Where and when a line was written, and what it belongs to. */
export function Facts({ line, query }: { line: Line; query: string }) {
  const { details } = useText().logs;
  const ms = millis(line.time_ns);
  return (
    <dl className={css.facts} aria-label={details.facts}>
      <Fact label={details.time}>
        <span className="numbers">
          {day(ms)} {clock(ms)}
        </span>{" "}
        <span className="soft">
          <Ago at={line.time_ns} />
        </span>
      </Fact>
      <Fact label={details.level} add={<AddToQuery query={query} condition={fieldIs("level", line.level)} />}>
        <LevelTag level={line.level} />{" "}
        {line.severity > 0 ? <span className="soft">{details.severity(String(line.severity))}</span> : null}
      </Fact>
      <Fact label={details.service} add={<AddToQuery query={query} condition={fieldIs("service", line.service)} />}>
        <Link to="/services/$name" params={{ name: line.service }}>
          {line.service}
        </Link>
      </Fact>
      {line.instance ? (
        <Fact label={details.instance} add={<AddToQuery query={query} condition={fieldIs("instance", line.instance)} />}>
          {line.instance}
        </Fact>
      ) : null}
      {line.scope ? (
        <Fact label={details.scope} add={<AddToQuery query={query} condition={fieldIs("scope", line.scope)} />}>
          <span className="mono">{line.scope}</span>
        </Fact>
      ) : null}
      <Fact label={details.trace} add={line.trace_id ? <AddToQuery query="" condition={fieldIs("trace", line.trace_id)} label={details.traceLines} /> : null}>
        {line.trace_id ? (
          <>
            <Link to="/traces/$id" params={{ id: line.trace_id }} search={line.span_id ? { span: line.span_id } : {}} className="mono">
              {line.trace_id}
            </Link>
            <Copy value={line.trace_id} />
          </>
        ) : (
          <span className="soft">{details.noTrace}</span>
        )}
      </Fact>
      {line.trace_id ? <Saga trace={line.trace_id} /> : null}
    </dl>
  );
}

function Saga({ trace }: { trace: string }) {
  const { details } = useText().logs;
  const { common } = useText();
  const saga = useQuery(sagaOfTraceQuery(trace));
  if (saga.error && asProblem(saga.error).cause !== "not_found") return null;
  return (
    <Fact label={details.saga}>
      {saga.data ? (
        <Link to="/sagas/$id" params={{ id: saga.data }} className="mono">
          {saga.data}
        </Link>
      ) : (
        <span className="soft">{saga.isPending ? details.asking : common.none}</span>
      )}
    </Fact>
  );
}

function Fact({ label, add, children }: { label: string; add?: ReactNode; children: ReactNode }) {
  return (
    <div className={css.fact}>
      <dt>{label}</dt>
      <dd>{children}</dd>
      {add ? <dd className={css.add}>{add}</dd> : null}
    </div>
  );
}
