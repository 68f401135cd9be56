import { Checkbox } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Answer } from "../../parts/answer";
import { count } from "../../parts/format/number";
import { Panel } from "../../parts/panel";
import { Rows } from "../../parts/rows";
import { useText } from "../../text";
import { BulkBar, type Chosen } from "./bulk-bar";
import { whereOf } from "./causes";
import { columns } from "./columns";
import css from "./desk.module.css";
import { causesQuery, ofCauseQuery } from "./query";

/** The sagas of one cause: choose some or all, and say what to do with them. */
export function Group({ cause }: { cause: string }) {
  const { desk } = useText();
  const query = useInfiniteQuery(ofCauseQuery(cause));
  const about = useQuery(causesQuery).data?.causes.find((one) => one.cause === cause);
  const [everyone, setEveryone] = useState(false);
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const total = about?.sagas ?? 0;
  const toggle = (id: string) => {
    setEveryone(false);
    setIds((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  };
  return (
    <>
      <Link to="/desk" search={{}} className="anchor">
        ← {desk.group.back}
      </Link>
      <h2 style={{ margin: "8px 0 4px", fontSize: "1.0625rem" }}>{about ? whereOf(about, desk) : desk.causes.none}</h2>
      {about ? <p style={{ margin: "0 0 12px", overflowWrap: "anywhere" }}>{about.reason}</p> : null}
      <Panel title={desk.group.title(count(total))} flush>
        <Answer query={query} height={320}>
          {({ pages }) => {
            const rows = pages.flatMap((page) => page.sagas);
            const there = rows.filter((row) => ids.has(row.id)).map((row) => row.id);
            const chosen: Chosen = everyone ? { cause, total, example: rows[0]?.id ?? "" } : { ids: there, total: there.length, example: there[0] ?? "" };
            const all = everyone || (rows.length > 0 && there.length === rows.length);
            return (
              <>
                <div className={css.bar}>
                  <Checkbox
                    label={desk.group.everyone(count(total))}
                    checked={all}
                    indeterminate={!all && there.length > 0}
                    onChange={() => {
                      setIds(new Set());
                      setEveryone(!all);
                    }}
                  />
                  <span className={css.grow} />
                  <BulkBar chosen={chosen} />
                </div>
                <Rows
                  label={desk.group.title(count(total))}
                  columns={columns({ desk, chosen: (id) => everyone || ids.has(id), toggle })}
                  rows={rows}
                  id={(row) => row.id}
                  more={query.hasNextPage && !query.isFetching ? () => void query.fetchNextPage() : undefined}
                />
              </>
            );
          }}
        </Answer>
      </Panel>
    </>
  );
}
