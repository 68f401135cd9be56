import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { REFRESH_MS } from "../../app/queries";
import { Answer } from "../../parts/answer";
import { Empty } from "../../parts/empty";
import { isQueryProblem } from "../../parts/query-bar/notes";
import { useText } from "../../text";
import { useAtTop } from "./at-top";
import { linkId } from "./columns";
import { Details } from "./details";
import { Lines } from "./lines";
import { idOf, type Line } from "./line";
import css from "./logs.module.css";
import { LiveBar } from "./live";
import { NoneMatch } from "./none";
import { linesQuery, type Search } from "./query";
import { useTail } from "./use-tail";

const route = getRouteApi("/logs");

interface Props {
  search: Search;
  live: boolean;
  chosen: string | undefined;
}

/** The lines that were found, and on top of them those that come. */
export function Stream({ search, live, chosen }: Props) {
  const { logs } = useText();
  const navigate = route.useNavigate();
  const queries = useQueryClient();
  const top = useRef<HTMLDivElement>(null);
  const atTop = useAtTop(top);
  const [paused, setPaused] = useState(false);
  const [pointed, setPointed] = useState(false);
  const options = linesQuery(search);
  const held = !atTop || pointed || chosen !== undefined;
  const before = useInfiniteQuery({
    ...options,
    // Nothing moves under somebody who reads: who is further down, or in a line, reads.
    refetchInterval: ({ state }) => (atTop && !chosen && !live && (state.data?.pages.length ?? 0) <= 1 ? REFRESH_MS : false),
    // Who comes back to the tab goes on to read.
    refetchOnWindowFocus: !live || !(paused || held),
  });
  const wrong = isQueryProblem(before.error);
  const following = live && !wrong;
  const tailed = useTail({
    on: following,
    query: search.q ?? "",
    hold: paused || held,
    onOpen: () => void queries.invalidateQueries({ queryKey: options.queryKey }),
  });
  const fresh = () => {
    tailed.release();
    window.scrollTo({ top: 0 });
  };
  const found = tailed.cut ? [] : (before.data?.pages.flatMap((page) => page.logs) ?? []);
  const lines = together(tailed.lines, found);
  const at = chosen === undefined ? -1 : lines.findIndex((line) => idOf(line) === chosen);
  const choose = (line: Line | undefined) =>
    void navigate({ search: (now) => ({ ...now, line: line && idOf(line) }), replace: true, resetScroll: false });
  const step = (by: number) => (at >= 0 && lines[at + by] ? () => choose(lines[at + by]) : undefined);
  const close = () => {
    document.getElementById(linkId(chosen ?? ""))?.focus({ preventScroll: true });
    choose(undefined);
  };
  return (
    <div ref={top}>
      {following ? <LiveBar tailed={tailed} paused={paused} held={held} onPause={setPaused} onFresh={fresh} /> : null}
      <div
        className={before.data || wrong ? undefined : css.padded}
        onPointerEnter={({ pointerType }) => setPointed(pointerType === "mouse")}
        onPointerLeave={() => setPointed(false)}
      >
        {wrong ? (
          <Empty title={logs.query.unfinished} />
        ) : (
          <Answer query={before} height={480}>
            {() => {
              if (lines.length === 0) return live ? <Empty title={logs.live.waiting} /> : <NoneMatch search={search} />;
              const more = before.hasNextPage && !before.isFetching && !tailed.cut ? () => void before.fetchNextPage() : undefined;
              return <Lines lines={lines} query={search.q ?? ""} more={more} ended={!before.hasNextPage || tailed.cut} />;
            }}
          </Answer>
        )}
      </div>
      {chosen === undefined ? null : (
        <Details id={chosen} line={lines[at]} query={search.q ?? ""} onClose={close} onNewer={step(-1)} onOlder={step(1)} />
      )}
    </div>
  );
}

/** Each line once: a search finds what the tail has brought, too. */
function together(came: Line[], found: Line[]): Line[] {
  if (came.length === 0) return found;
  const known = new Set(came.map(idOf));
  return [...came, ...found.filter((line) => !known.has(idOf(line)))];
}
