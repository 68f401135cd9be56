import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { asProblem } from "../../api/problem";
import { Answer } from "../../parts/answer";
import { Empty } from "../../parts/empty";
import { Panel } from "../../parts/panel";
import { Failing } from "../../parts/waterfall/failing";
import { useTraceLogs } from "../../parts/waterfall/logs";
import type { WholeTrace } from "../../parts/waterfall/model";
import { useText } from "../../text";
import { type Saga, traceQuery } from "./query";

const route = getRouteApi("/sagas/$id");

const Waterfall = lazy(() => import("../../parts/waterfall/waterfall").then(({ Waterfall }) => ({ default: Waterfall })));

/** Its calls over all services, each with its log lines. */
export function SagaTrace({ saga }: { saga: Saga }) {
  const { trace: text } = useText().saga;
  const id = saga.trace_id ?? "";
  const query = useQuery(traceQuery(id, !saga.ended_at));
  const none = id === "" || (query.data === undefined && query.error && asProblem(query.error).cause === "not_found");
  if (none) {
    return (
      <Panel title={text.title}>
        <Empty title={text.none}>{text.noneWhy}</Empty>
      </Panel>
    );
  }
  return (
    <Answer query={query} height={480}>
      {(trace) => <Spans trace={trace} />}
    </Answer>
  );
}

function Spans({ trace }: { trace: WholeTrace }) {
  const { trace: text } = useText().saga;
  const { span } = route.useSearch();
  const navigate = route.useNavigate();
  const select = (id: string | undefined) => void navigate({ search: (before) => ({ ...before, span: id }), replace: true, resetScroll: false });
  const { logs, cut } = useTraceLogs(trace);
  return (
    <>
      <Failing trace={trace} onSelect={select} />
      <Panel
        title={text.title}
        flush
        aside={
          <Link to="/traces/$id" params={{ id: trace.trace_id }} className="anchor">
            {text.open}
          </Link>
        }
      >
        <Suspense fallback={<div style={{ height: 480 }} aria-busy="true" />}>
          <Waterfall trace={trace} selected={span} onSelect={select} logs={logs} logsCut={cut} />
        </Suspense>
      </Panel>
    </>
  );
}
