import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { count } from "../../parts/format/number";
import { StatusBadge } from "../../parts/status";
import { useText } from "../../text";
import { OPEN_MAX, openQuery } from "./query";

const ORDER = ["parked", "compensating", "running"] as const;

/** How many sagas of a definition are unfinished, by how they stand; each leads to them. */
export function OpenSagas({ definition }: { definition: string }) {
  const { list } = useText().definitions;
  const { data } = useQuery(openQuery(definition));
  if (!data) return <span className="soft">…</span>;
  const more = data.next_cursor || data.sagas.length >= OPEN_MAX ? "+" : "";
  const found = ORDER.map((status) => ({ status, number: data.sagas.filter((saga) => saga.status === status).length }));
  if (data.sagas.length === 0) return <span className="soft">{list.noneOpen}</span>;
  return (
    <span style={{ display: "inline-flex", gap: 6, flexWrap: "wrap" }}>
      {found
        .filter(({ number }) => number > 0)
        .map(({ status, number }) => (
          <Link
            key={status}
            to="/sagas"
            search={{ definition, status }}
            className="link numbers"
            style={{ display: "inline-flex", gap: 4, alignItems: "center" }}
          >
            <StatusBadge status={status} /> {count(number)}
            {more}
          </Link>
        ))}
    </span>
  );
}
