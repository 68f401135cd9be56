import { ActionIcon, Switch, Tooltip } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { type InfiniteData, useInfiniteQuery, useIsFetching, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { count } from "../../parts/format/number";
import { Page } from "../../parts/page";
import { Panel } from "../../parts/panel";
import { isQueryProblem } from "../../parts/query-bar/notes";
import { QueryBar } from "../../parts/query-bar/query-bar";
import { attributesOf } from "../../parts/query-bar/vocabulary";
import { RangePicker } from "../../parts/range";
import { useText } from "../../text";
import { Histogram, total } from "./histogram";
import css from "./logs.module.css";
import { histogramQuery, LOGS, linesQuery, type Search } from "./query";
import { Stream } from "./stream";
import { Templates } from "./templates";

const route = getRouteApi("/logs");

/** Log lines: searched, counted, grouped by what they have in common, and as they come. */
export function LogsPage() {
  const { logs } = useText();
  const { q, tab, live = false, line, ...range } = route.useSearch();
  const search: Search = { q, ...range };
  const navigate = route.useNavigate();
  const change = (next: Partial<Search> & { live?: true | undefined }) => void navigate({ search: (before) => ({ ...before, ...next }), resetScroll: false });
  // What comes now is not in a span that has ended.
  const follow = (on: boolean) => change(on ? { live: true, from: undefined, to: undefined } : { live: undefined });
  const histogram = useQuery(histogramQuery(search));
  // The list asks for it; what it found serves the query bar, too.
  const found = useInfiniteQuery({ ...linesQuery(search), refetchInterval: false, refetchOnWindowFocus: false });
  const attributes = useMemo(() => attributesOf(found.data?.pages.flatMap((page) => page.logs) ?? []), [found.data]);
  const wrong = isQueryProblem(found.error);
  return (
    <div className={css.page}>
      <Page title={logs.title} about={histogram.data && !wrong ? <span className="soft numbers">{logs.total(count(total(histogram.data.counts)))}</span> : null}>
        <search aria-label={logs.filters} className={css.bar}>
          <QueryBar
            signal="logs"
            value={q ?? ""}
            onSubmit={(query) => change({ q: query || undefined })}
            attributes={attributes}
            error={found.error}
            hints={found.isPlaceholderData ? undefined : found.data?.pages[0]?.hints}
          />
          <div className={css.side}>
            <RangePicker value={range} onChange={(next) => change({ since: undefined, from: undefined, to: undefined, ...next })} />
            <Refresh />
          </div>
        </search>
        <Histogram search={search} quiet={found.error !== null && found.data === undefined} onSelect={(from, to) => change({ since: undefined, from, to })} />
        <Panel flush>
          <nav className={css.head} aria-label={logs.tabs.label}>
            <div className={css.tabs}>
              <Tab tab={undefined} chosen={tab !== "templates"} label={logs.tabs.lines} />
              <Tab tab="templates" chosen={tab === "templates"} label={logs.tabs.templates} />
            </div>
            <div className={css.tools}>
              {tab === "templates" ? null : (
                <Switch size="sm" label={logs.live.switch} checked={live} onChange={({ currentTarget }) => follow(currentTarget.checked)} />
              )}
            </div>
          </nav>
          {tab === "templates" ? <Templates search={search} /> : <Stream search={search} live={live} chosen={line} />}
        </Panel>
      </Page>
    </div>
  );
}

function Tab({ tab, chosen, label }: { tab: string | undefined; chosen: boolean; label: string }) {
  return (
    <Link to="/logs" search={(before) => ({ ...before, tab, line: undefined })} replace resetScroll={false} className={css.tab} data-chosen={chosen || undefined} activeOptions={{ exact: true }}>
      {label}
    </Link>
  );
}

function Refresh() {
  const { logs } = useText();
  const queries = useQueryClient();
  const busy = useIsFetching({ queryKey: [LOGS] }) > 0;
  const again = () => {
    // Only the newest page is asked for again; the list stays in place until it comes.
    queries.setQueriesData<InfiniteData<unknown>>(
      { queryKey: [LOGS, "lines"] },
      (before) => before && { pages: before.pages.slice(0, 1), pageParams: before.pageParams.slice(0, 1) },
    );
    window.scrollTo({ top: 0 });
    void queries.invalidateQueries({ queryKey: [LOGS] });
  };
  return (
    <Tooltip label={logs.refresh} withArrow>
      <ActionIcon variant="default" size={30} aria-label={logs.refresh} aria-busy={busy} onClick={again}>
        <IconRefresh size={16} />
      </ActionIcon>
    </Tooltip>
  );
}
