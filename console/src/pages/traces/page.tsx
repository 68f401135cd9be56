import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { asProblem } from "../../api/problem";
import type { Range } from "../../app/search";
import { Page } from "../../parts/page";
import { Panel } from "../../parts/panel";
import { RangePicker } from "../../parts/range";
import { useText } from "../../text";
import { Hints, Misread } from "./hints";
import { List } from "./list";
import { Picked } from "./picked";
import { tracesQuery } from "./query";
import { QueryBar } from "./query-bar";

const route = getRouteApi("/traces");

/** Traces of which a span matches a query. */
export function TracesPage() {
  const text = useText().traces;
  const { q = "", pick = "", ...range } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(tracesQuery(q, range));
  const search = (next: { q?: string | undefined; pick?: string | undefined } & Range) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true, resetScroll: false });
  const picked = pick.split(",").filter(Boolean);
  const problem = query.error ? asProblem(query.error) : null;
  const setRange = (next: Range) => search({ since: undefined, from: undefined, to: undefined, ...next });
  return (
    <Page title={text.title} actions={<RangePicker value={range} onChange={setRange} />}>
      <QueryBar value={q} onChange={(next) => search({ q: next || undefined })} />
      <Hints hints={query.data?.pages[0]?.hints ?? []} q={q} onChange={(next) => search({ q: next })} />
      {problem?.code === "query_syntax" ? (
        <Misread problem={problem} />
      ) : (
        <Panel flush>
          <List query={query} filtered={q !== ""} picked={picked} onPick={(ids) => search({ pick: ids.join(",") || undefined })} onLonger={() => setRange({ since: "7d" })} />
        </Panel>
      )}
      <Picked ids={picked} onClear={() => search({ pick: undefined })} />
    </Page>
  );
}
