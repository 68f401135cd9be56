import { Link } from "@tanstack/react-router";
import type { Schemas } from "../../api/client";
import { Badge } from "../../parts/badge";
import { Empty } from "../../parts/empty";
import { type Column, Rows } from "../../parts/rows";
import { useText } from "../../text";
import { OpenSagas } from "../definition/open";

type Row = Schemas["DefinitionRow"];

/** The definitions, those that are live first. */
export function List({ rows }: { rows: Row[] }) {
  const { list } = useText().definitions;
  if (rows.length === 0) return <Empty title={list.empty}>{list.emptyHelp}</Empty>;
  const columns: Column<Row>[] = [
    {
      key: "name",
      label: list.name,
      width: "minmax(0, 2fr)",
      narrow: "minmax(0, 1fr)",
      cell: (row) => (
        <span style={{ display: "flex", gap: 8, alignItems: "center" }}>
          <Link to="/definitions/$name" params={{ name: row.name }} className="row-link cut" style={{ fontWeight: 600 }}>
            {row.name}
          </Link>
          <span title={row.live ? undefined : list.oldHelp}>
            <Badge tone={row.live ? "completed" : "neutral"}>{row.live ? list.live : list.old}</Badge>
          </span>
        </span>
      ),
    },
    { key: "version", label: list.version, width: "80px", right: true, cell: (row) => <span className="numbers">{row.version}</span> },
    { key: "steps", label: list.steps, width: "70px", right: true, cell: (row) => <span className="numbers">{row.steps}</span> },
    {
      key: "services",
      label: list.services,
      width: "minmax(0, 2fr)",
      cell: (row) =>
        row.services.map((service, at) => (
          <span key={service}>
            {at ? ", " : ""}
            <Link to="/services/$name" params={{ name: service }} className="link">
              {service}
            </Link>
          </span>
        )),
    },
    { key: "open", label: list.open, width: "minmax(0, 2fr)", narrow: "minmax(0, 1fr)", cell: (row) => <OpenSagas definition={row.name} /> },
  ];
  const sorted = [...rows].sort((one, other) => Number(other.live) - Number(one.live) || one.name.localeCompare(other.name));
  return <Rows label={list.label} columns={columns} rows={sorted} id={(row) => row.name} height={48} />;
}
