import { Button, Group } from "@mantine/core";
import { useQueries, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Fragment } from "react";
import { Empty } from "../../parts/empty";
import { count } from "../../parts/format/number";
import { scan } from "../../parts/query-bar/scan";
import { useText } from "../../text";
import { NoLogs } from "./no-logs";
import css from "./logs.module.css";
import { countQuery, type Search } from "./query";

const MOST_PARTS = 6;

/** Nothing matches: is there anything at all, and which part of the query leaves it out? */
export function NoneMatch({ search }: { search: Search }) {
  const { logs, common } = useText();
  const { none } = logs;
  const all = useQuery(countQuery({ ...search, q: undefined })).data;
  const ever = useQuery({ ...countQuery({ since: "7d" }), enabled: all === 0 }).data;
  if (all === 0 && ever === 0) return <NoLogs />;
  return (
    <Empty title={none.title}>
      {all === undefined ? null : all === 0 ? none.nothingInTime : search.q ? none.here(count(all)) : null}
      {search.q && all ? <Parts search={search} query={search.q} /> : null}
      <Group gap="xs" justify="center" mt="sm">
        {search.q ? (
          <Button size="xs" variant="default" renderRoot={(props) => <Link to="/logs" search={(before) => ({ ...before, q: undefined })} {...props} />}>
            {logs.query.clear}
          </Button>
        ) : null}
        {search.since === "7d" ? null : (
          <Button
            size="xs"
            variant="default"
            renderRoot={(props) => <Link to="/logs" search={(before) => ({ ...before, since: "7d" as const, from: undefined, to: undefined })} {...props} />}
          >
            {none.longer}
          </Button>
        )}
      </Group>
      <span className="seen-by-readers">{common.empty}</span>
    </Empty>
  );
}

/** What each part of a query finds alone, where its parts must all hold. */
function Parts({ search, query }: { search: Search; query: string }) {
  const { none } = useText().logs;
  const terms = scan(query);
  const simple = terms.length > 1 && terms.length <= MOST_PARTS && !/[()]/.test(query) && !terms.some((term) => term.operator && term.value !== "AND");
  const parts = simple ? terms.filter((term) => !term.operator).map((term) => (term.negated ? "-" : "") + query.slice(term.from, term.to)) : [];
  const found = useQueries({ queries: parts.map((q) => countQuery({ ...search, q })) });
  if (parts.length === 0) return null;
  return (
    <div>
      <div style={{ marginTop: 12 }}>{none.parts}</div>
      <div className={css.parts}>
        {parts.map((part, at) => (
          <Fragment key={part}>
            <Link to="/logs" search={(before) => ({ ...before, q: part })} className="mono">
              {part}
            </Link>
            <span className="numbers">{found[at]?.data === undefined ? "…" : none.found(count(found[at].data))}</span>
          </Fragment>
        ))}
      </div>
    </div>
  );
}
