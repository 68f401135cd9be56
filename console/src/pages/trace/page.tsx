import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { asProblem } from "../../api/problem";
import { Answer } from "../../parts/answer";
import { Empty } from "../../parts/empty";
import { Page } from "../../parts/page";
import { Panel } from "../../parts/panel";
import { Failing } from "../../parts/waterfall/failing";
import { around, useTraceLogs } from "../../parts/waterfall/logs";
import { analysisOf, DEFINITION, type WholeTrace } from "../../parts/waterfall/model";
import { treeOf } from "../../parts/waterfall/tree";
import { Waterfall } from "../../parts/waterfall/waterfall";
import { useText } from "../../text";
import { Head } from "./head";
import { Healthy } from "./healthy";
import { OtherField } from "./other";
import { TRACE_ID, traceQuery } from "./query";
import css from "./trace.module.css";
import { Two } from "./two";

const route = getRouteApi("/traces/$id");

/** One trace: how it went, its spans, and how it differs from others. */
export function TracePage() {
  const { traces } = useText();
  const id = route.useParams().id.toLowerCase();
  const query = useQuery(traceQuery(id));
  const name = query.data ? nameOf(query.data) : traces.one.title;
  const missing = !TRACE_ID.test(id) || (query.error && asProblem(query.error).cause === "not_found" && !query.data);
  return (
    <Page title={name}>
      {missing ? (
        <Panel>
          <Empty title={traces.one.missing}>
            {TRACE_ID.test(id) ? traces.one.missingWhy : traces.one.notAnId}
            <br />
            <Button component={Link} to="/traces" mt="sm" size="xs" variant="default">
              {traces.one.back}
            </Button>
          </Empty>
        </Panel>
      ) : (
        <Answer query={query} height={480}>
          {(trace) => <Whole trace={trace} />}
        </Answer>
      )}
    </Page>
  );
}

function LogsLink({ trace }: { trace: WholeTrace }) {
  const { traces } = useText();
  return (
    <Link to="/logs" search={{ q: `trace:${trace.trace_id}`, ...around(treeOf(trace)) }} className={css.more}>
      {traces.one.logs}
    </Link>
  );
}

/** The name of the root; of a saga that has not ended, whose own span comes last, that of its definition. */
function nameOf(trace: WholeTrace): string {
  const { root, rooted } = analysisOf(trace);
  const definition = rooted ? undefined : trace.spans.find((span) => span.attributes[DEFINITION])?.attributes[DEFINITION];
  return definition ? `saga ${definition}` : (root?.name ?? trace.spans[0]?.name ?? trace.trace_id);
}

function Whole({ trace }: { trace: WholeTrace }) {
  const { traces } = useText();
  const { span, with: other } = route.useSearch();
  const navigate = route.useNavigate();
  const { logs, cut } = useTraceLogs(trace);
  const search = (next: { span?: string | undefined; with?: string | undefined }) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true, resetScroll: false });
  return (
    <>
      <Head trace={trace} />
      <Failing trace={trace} onSelect={(id) => search({ span: id, with: undefined })} />
      {other ? (
        <Two trace={trace} other={other} onClose={() => search({ with: undefined })} onSelect={(id) => search({ span: id, with: undefined })} />
      ) : (
        <Panel title={traces.one.spans} aside={<LogsLink trace={trace} />} flush>
          <Waterfall trace={trace} selected={span} onSelect={(id) => search({ span: id })} logs={logs} logsCut={cut} />
        </Panel>
      )}
      <Healthy id={trace.trace_id} />
      <Panel title={traces.one.other}>
        <OtherField key={other} self={trace.trace_id} value={other ?? ""} onChange={(id) => search({ with: id || undefined })} />
      </Panel>
    </>
  );
}
