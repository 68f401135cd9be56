import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { Range } from "../../app/search";
import { Page } from "../../parts/page";
import { Panel } from "../../parts/panel";
import { isQueryProblem } from "../../parts/query-bar/notes";
import { QueryBar } from "../../parts/query-bar/query-bar";
import { RangePicker } from "../../parts/range";
import { useText } from "../../text";
import { Examples } from "./examples";
import { List } from "./list";
import { Picked } from "./picked";
import { tracesQuery } from "./query";
import css from "./traces.module.css";

const route = getRouteApi("/traces");

/** Traces of which a span matches a query. */
export function TracesPage() {
  const text = useText().traces;
  const { q = "", pick = "", ...range } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(tracesQuery(q, range));
  const search = (next: { q?: string | undefined; pick?: string | undefined } & Range) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true, resetScroll: false });
  const setQuery = (next: string) => search({ q: next || undefined });
  const setRange = (next: Range) => search({ since: undefined, from: undefined, to: undefined, ...next });
  const picked = pick.split(",").filter(Boolean);
  return (
    <Page title={text.title}>
      <search aria-label={text.query.label}>
        <div className={css.bar}>
          <QueryBar
            signal="traces"
            value={q}
            onSubmit={setQuery}
            error={query.error}
            hints={query.isPlaceholderData ? undefined : query.data?.pages[0]?.hints}
          />
          <RangePicker value={range} onChange={setRange} />
        </div>
        <Examples value={q} onChange={setQuery} />
      </search>
      {isQueryProblem(query.error) ? null : (
        <Panel flush>
          <List query={query} filtered={q !== ""} picked={picked} onPick={(ids) => search({ pick: ids.join(",") || undefined })} onLonger={() => setRange({ since: "7d" })} />
        </Panel>
      )}
      <Picked ids={picked} onClear={() => search({ pick: undefined })} />
    </Page>
  );
}
