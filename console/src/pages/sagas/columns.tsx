import { Link } from "@tanstack/react-router";
import { durationMs } from "../../parts/format/duration";
import { Ago } from "../../parts/moment";
import type { Column } from "../../parts/rows";
import { StatusBadge } from "../../parts/status";
import type { Text } from "../../text";
import type { SagaRow } from "./query";

/** What a list shows of a saga. */
export function columns({ sagas }: Text): Column<SagaRow>[] {
  const { columns: label } = sagas;
  return [
    { key: "status", label: label.status, width: "132px", narrow: "120px", cell: (row) => <StatusBadge status={row.status} /> },
    {
      key: "id",
      label: label.id,
      width: "minmax(120px, 1fr)",
      narrow: "minmax(0, 1fr)",
      cell: (row) => (
        <Link to="/sagas/$id" params={{ id: row.id }} className="row-link mono" title={row.id}>
          {row.id}
        </Link>
      ),
    },
    { key: "definition", label: label.definition, width: "minmax(100px, 0.6fr)", cell: (row) => <span className="soft">{row.definition}</span> },
    {
      key: "failed",
      label: label.failed,
      width: "minmax(0, 2fr)",
      // Of a saga that needs a person, what keeps it; else what failed first.
      cell: ({ stuck, failed }) => {
        const shown = stuck ?? failed;
        return shown ? (
          <span className="soft" title={shown.reason}>
            {sagas.failed(shown.step, shown.reason)}
          </span>
        ) : null;
      },
    },
    { key: "created", label: label.created, width: "88px", narrow: "72px", right: true, cell: (row) => <Ago at={row.created_at} /> },
    {
      key: "took",
      label: label.took,
      width: "84px",
      right: true,
      cell: (row) => (row.ended_at ? <span className="numbers">{durationMs(Date.parse(row.ended_at) - Date.parse(row.created_at))}</span> : null),
    },
  ];
}
