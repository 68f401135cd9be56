import { TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { answer, api, type Schemas } from "../../api/client";
import { SAGAS } from "../../app/changes";
import { Answer } from "../../parts/answer";
import { Empty } from "../../parts/empty";
import { Moment } from "../../parts/moment";
import { Panel } from "../../parts/panel";
import { type Column, Rows } from "../../parts/rows";
import { isVerb } from "../../parts/verbs/verb";
import { type Text, useText } from "../../text";

type Act = Schemas["AuditAct"];

const route = getRouteApi("/desk");

const PAGE = 100;

const auditQuery = (by: string) =>
  infiniteQueryOptions({
    queryKey: [SAGAS, "audit", by],
    queryFn: ({ pageParam }) =>
      answer(api.GET("/v1/audit", { params: { query: { limit: PAGE, ...(by ? { by } : {}), ...(pageParam ? { cursor: pageParam } : {}) } } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: (before) => before,
    refetchInterval: false,
  });

/** Who did what to which saga, and why. */
export function Audit() {
  const text = useText();
  const { audit } = text.desk;
  const { by = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const [name, setName] = useState(by);
  const search = useDebouncedCallback((typed: string) => void navigate({ search: (before) => ({ ...before, by: typed || undefined }), replace: true }), 250);
  const query = useInfiniteQuery(auditQuery(by));
  return (
    <Panel
      title={audit.title}
      flush
      aside={
        <TextInput size="xs" aria-label={audit.filter} placeholder={audit.filter} value={name} onChange={(event) => {
            setName(event.currentTarget.value);
            search(event.currentTarget.value.trim());
          }}
        />
      }
    >
      <Answer query={query} height={240}>
        {({ pages }) => {
          const acts = pages.flatMap((page) => page.acts);
          return acts.length === 0 ? (
            <Empty title={audit.none}>{audit.noneWhy}</Empty>
          ) : (
            <Rows
              label={audit.title}
              columns={columns(text)}
              rows={acts}
              id={(act) => `${act.saga}/${act.seq}`}
              more={query.hasNextPage && !query.isFetching ? () => void query.fetchNextPage() : undefined}
            />
          );
        }}
      </Answer>
    </Panel>
  );
}

function columns({ desk, saga }: Text): Column<Act>[] {
  const { columns: label } = desk.audit;
  const what = (act: Act) => {
    const verb = isVerb(act.verb) ? desk.verbs[act.verb].label : act.verb;
    return act.step ? `${verb}: ${saga.events.what(act.step, act.half ?? "")}` : verb;
  };
  return [
    { key: "at", label: label.at, width: "150px", narrow: "76px", cell: ({ at }) => <Moment at={at} /> },
    { key: "by", label: label.by, width: "minmax(70px, 0.6fr)", narrow: "minmax(0, 0.7fr)", cell: ({ by }) => by ?? <span className="soft">{desk.audit.nobody}</span> },
    { key: "verb", label: label.verb, width: "minmax(140px, 1.2fr)", narrow: "minmax(0, 1fr)", cell: (act) => <span title={what(act)}>{what(act)}</span> },
    {
      key: "saga",
      label: label.saga,
      width: "minmax(100px, 1fr)",
      narrow: "minmax(0, 1fr)",
      cell: ({ saga: id }) => (
        <Link to="/sagas/$id" params={{ id }} className="link mono">
          {id}
        </Link>
      ),
    },
    {
      key: "note",
      label: label.note,
      width: "minmax(0, 2fr)",
      cell: ({ note, batch }) => (
        <span className="soft" title={note}>
          {note} {batch ? <Link to="/desk" search={{ tab: "batches", batch }}>{desk.audit.batch}</Link> : null}
        </span>
      ),
    },
  ];
}
