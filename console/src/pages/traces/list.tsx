import { Button, Code, Group } from "@mantine/core";
import { type InfiniteData, type UseInfiniteQueryResult, useQueryClient } from "@tanstack/react-query";
import type { Schemas } from "../../api/client";
import { Answer } from "../../parts/answer";
import { Empty } from "../../parts/empty";
import { count } from "../../parts/format/number";
import { Rows } from "../../parts/rows";
import { useText } from "../../text";
import { columns } from "./columns";
import css from "./traces.module.css";

const EXAMPLE = `export OTEL_SERVICE_NAME=checkout
export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf`;

interface Props {
  query: UseInfiniteQueryResult<InfiniteData<Schemas["TraceList"]>>;
  filtered: boolean;
  picked: string[];
  onPick: (ids: string[]) => void;
  onLonger: () => void;
}

/** The traces that were found. */
export function List({ query, filtered, picked, onPick, onLonger }: Props) {
  const text = useText();
  const queries = useQueryClient();
  const { traces } = text;
  const toggle = (id: string) => onPick(picked.includes(id) ? picked.filter((one) => one !== id) : [...picked, id].slice(-2));
  return (
    <Answer query={query} height={480}>
      {({ pages }) => {
        const rows = [...new Map(pages.flatMap((page) => page.traces).map((trace) => [trace.trace_id, trace])).values()];
        const first = pages[0];
        if (rows.length === 0) return filtered ? <None onLonger={onLonger} /> : <Nothing onLonger={onLonger} />;
        const longest = usuallyLongest(rows.map(({ duration_ns }) => duration_ns));
        return (
          <>
            <Group className={css.matched} gap="sm">
              <span className="soft numbers">{first ? traces.matched(count(first.matched), first.exact) : null}</span>
              {pages.length > 1 ? (
                <>
                  <span className="soft">{traces.still}</span>
                  <Button
                    size="compact-xs"
                    variant="default"
                    onClick={() => {
                      window.scrollTo({ top: 0 });
                      void queries.resetQueries({ queryKey: ["telemetry", "traces"] });
                    }}
                  >
                    {traces.newer}
                  </Button>
                </>
              ) : null}
            </Group>
            <Rows
              label={traces.list}
              columns={columns(text, { longest, picked, toggle })}
              rows={rows}
              id={(row) => row.trace_id}
              height={54}
              more={query.hasNextPage && !query.isFetching ? () => void query.fetchNextPage() : undefined}
            />
          </>
        );
      }}
    </Answer>
  );
}

/** Of a hundred the few longest are left out: one that waited for an hour would make all others look alike. */
function usuallyLongest(durations: number[]): number {
  const sorted = durations.sort((a, b) => a - b);
  return Math.max(1, sorted[Math.ceil(sorted.length * 0.96) - 1] ?? 1);
}

function None({ onLonger }: { onLonger: () => void }) {
  const { traces } = useText();
  return (
    <Empty title={traces.none}>
      {traces.noneWhy}
      <Button mt="sm" size="xs" variant="default" display="block" mx="auto" onClick={onLonger}>
        {traces.longer}
      </Button>
    </Empty>
  );
}

function Nothing({ onLonger }: { onLonger: () => void }) {
  const { traces } = useText();
  return (
    <Empty title={traces.empty}>
      {traces.emptyWhy}
      <Code block mt="sm" ta="left">
        {EXAMPLE}
      </Code>
      <Button mt="sm" size="xs" variant="default" onClick={onLonger}>
        {traces.longer}
      </Button>
    </Empty>
  );
}
