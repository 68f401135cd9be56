import { Checkbox } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Ago } from "../../parts/moment";
import type { Column } from "../../parts/rows";
import { StatusBadge } from "../../parts/status";
import type { Text } from "../../text";
import type { SagaRow } from "./query";

interface Choice {
  desk: Text["desk"];
  chosen: (id: string) => boolean;
  toggle: (id: string) => void;
}

/** What the desk shows of a saga, with a box to choose it. */
export function columns({ desk, chosen, toggle }: Choice): Column<SagaRow>[] {
  const { columns: label } = desk.group;
  return [
    {
      key: "choose",
      label: "",
      width: "24px",
      narrow: "24px",
      cell: ({ id }) => <Checkbox size="xs" aria-label={desk.group.select(id)} checked={chosen(id)} onChange={() => toggle(id)} />,
    },
    {
      key: "id",
      label: label.id,
      width: "minmax(120px, 1fr)",
      narrow: "minmax(0, 1fr)",
      cell: ({ id }) => (
        <Link to="/sagas/$id" params={{ id }} className="link mono">
          {id}
        </Link>
      ),
    },
    { key: "status", label: "", width: "120px", cell: ({ status }) => <StatusBadge status={status} /> },
    { key: "reason", label: label.reason, width: "minmax(0, 2.4fr)", cell: ({ stuck, failed }) => <span className="soft" title={stuck?.reason ?? failed?.reason}>{stuck?.reason ?? failed?.reason}</span> },
    { key: "since", label: label.since, width: "88px", narrow: "72px", right: true, cell: ({ stuck, updated_at }) => <Ago at={stuck?.since ?? updated_at} /> },
  ];
}
