import { Button, Code, Group } from "@mantine/core";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Answer } from "../../parts/answer";
import { Empty } from "../../parts/empty";
import { Page } from "../../parts/page";
import { Panel } from "../../parts/panel";
import { Rows } from "../../parts/rows";
import { useText } from "../../text";
import { columns } from "./columns";
import { FilterBar } from "./filters";
import { type Filters, sagasQuery } from "./query";

const route = getRouteApi("/sagas");

const EXAMPLE = `curl http://127.0.0.1:7070/v1/sagas -H 'content-type: application/json' \\
  -d '{"id": "order-1", "definition": "NAME", "input": {}}'`;

/** All sagas, narrowed and live. */
export function SagasPage() {
  const text = useText();
  const filters: Filters = route.useSearch();
  const navigate = route.useNavigate();
  const queries = useQueryClient();
  const options = sagasQuery(filters);
  const query = useInfiniteQuery(options);
  const change = (next: Partial<Filters>) => void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  const further = (query.data?.pages.length ?? 0) > 1;
  const filtered = Object.values(filters).some((value) => value !== undefined);
  return (
    <Page title={text.sagas.title}>
      <FilterBar value={filters} onChange={change} />
      {further ? (
        <Group gap="sm">
          <span className="soft">{text.sagas.still}</span>
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => {
              window.scrollTo({ top: 0 });
              void queries.resetQueries({ queryKey: options.queryKey });
            }}
          >
            {text.sagas.newer}
          </Button>
        </Group>
      ) : null}
      <Panel flush>
        <Answer query={query} height={480}>
          {({ pages }) => {
            const rows = pages.flatMap((page) => page.sagas);
            if (rows.length === 0 && !query.hasNextPage) {
              return filtered ? (
                <Empty title={text.sagas.none}>{text.sagas.noneWhy}</Empty>
              ) : (
                <Empty title={text.sagas.empty}>
                  {text.sagas.emptyWhy}
                  <Code block mt="sm" ta="left">
                    {EXAMPLE}
                  </Code>
                </Empty>
              );
            }
            return (
              <Rows
                label={text.sagas.list}
                columns={columns(text)}
                rows={rows}
                id={(row) => row.id}
                more={query.hasNextPage && !query.isFetching ? () => void query.fetchNextPage() : undefined}
              />
            );
          }}
        </Answer>
      </Panel>
    </Page>
  );
}
