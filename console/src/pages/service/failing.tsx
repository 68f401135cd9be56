import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Schemas } from "../../api/client";
import { Answer } from "../../parts/answer";
import { Empty } from "../../parts/empty";
import { Ago } from "../../parts/moment";
import { Panel } from "../../parts/panel";
import { type Column, Rows } from "../../parts/rows";
import { StatusBadge } from "../../parts/status";
import { useText } from "../../text";
import { failingQuery } from "./query";
import css from "./service.module.css";

type Row = Schemas["SagaRow"];

/** The newest sagas whose first failure was here. */
export function Failing({ name }: { name: string }) {
  const text = useText().services.failing;
  const query = useQuery(failingQuery(name));
  const columns: Column<Row>[] = [
    {
      key: "saga",
      label: text.saga,
      width: "minmax(0, 1fr)",
      narrow: "minmax(0, 1fr)",
      cell: (row) => (
        <div className={css.two}>
          <Link to="/sagas/$id" params={{ id: row.id }} className="row-link cut">
            {row.id}
          </Link>
          <span className={`cut ${css.small}`} title={row.failed?.reason}>
            {row.failed?.reason}
          </span>
        </div>
      ),
    },
    { key: "status", label: text.status, width: "130px", narrow: "auto", cell: (row) => <StatusBadge status={row.status} paused={row.paused} /> },
    { key: "when", label: text.when, width: "90px", right: true, cell: (row) => <Ago at={row.created_at} /> },
  ];
  return (
    <Panel
      title={text.title}
      flush
      aside={
        <Link to="/sagas" search={{ service: name }} className="soft">
          {text.all}
        </Link>
      }
    >
      <Answer query={query} height={160}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title={text.empty}>{text.emptyHelp}</Empty>
          ) : (
            <Rows label={text.title} columns={columns} rows={rows} id={(row) => row.id} height={54} />
          )
        }
      </Answer>
    </Panel>
  );
}
