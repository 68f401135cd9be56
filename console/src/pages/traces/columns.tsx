import { Checkbox } from "@mantine/core";
import { IconCircleX, IconUnlink } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { Badge } from "../../parts/badge";
import { colourOf } from "../../parts/colour-of";
import { duration } from "../../parts/format/duration";
import { compact, count } from "../../parts/format/number";
import { Ago } from "../../parts/moment";
import type { Column } from "../../parts/rows";
import type { Text } from "../../text";
import type { Trace } from "./query";
import { Shares } from "./shares";
import css from "./traces.module.css";

interface Of {
  /** What fills a bar. */
  longest: number;
  picked: string[];
  toggle: (id: string) => void;
}

/** What the list shows of a trace. */
export function columns({ traces }: Text, { longest, picked, toggle }: Of): Column<Trace>[] {
  const { columns: label } = traces;
  return [
    {
      key: "pick",
      label: label.pick,
      width: "24px",
      narrow: "24px",
      cell: (row) => <Checkbox size="xs" checked={picked.includes(row.trace_id)} onChange={() => toggle(row.trace_id)} aria-label={traces.pick(row.name)} />,
    },
    { key: "name", label: label.name, width: "minmax(160px, 1.6fr)", narrow: "minmax(0, 1fr)", cell: (row) => <Name row={row} text={traces} /> },
    { key: "services", label: label.services, width: "minmax(120px, 1.1fr)", cell: (row) => <Shares services={row.services} /> },
    { key: "took", label: label.took, width: "minmax(140px, 1fr)", narrow: "84px", cell: (row) => <Took row={row} longest={longest} /> },
    { key: "spans", label: label.spans, width: "56px", right: true, cell: (row) => <span className="numbers">{compact(row.spans)}</span> },
    {
      key: "errors",
      label: label.errors,
      width: "92px",
      right: true,
      cell: (row) =>
        row.errors ? (
          <Badge tone="parked" icon={IconCircleX}>
            {traces.errors(compact(row.errors))}
          </Badge>
        ) : (
          <span className="soft">{traces.noErrors}</span>
        ),
    },
    { key: "began", label: label.began, width: "84px", right: true, cell: (row) => <Ago at={row.start_ns} /> },
  ];
}

function Name({ row, text }: { row: Trace; text: Text["traces"] }) {
  return (
    <div className={css.name}>
      <Link to="/traces/$id" params={{ id: row.trace_id }} className="row-link cut" title={row.name}>
        {row.name}
      </Link>
      <span className={css.under}>
        <span className={css.dot} style={{ background: colourOf(row.service) }} aria-hidden />
        <span className="cut">{row.service}</span>
        {row.rooted ? null : (
          <span className={css.unrooted} title={text.unrooted}>
            <IconUnlink size={12} aria-hidden /> <span className={css.unrootedWords}>{text.unrooted}</span>
          </span>
        )}
        <span className={css.narrowOnly}>
          <Ago at={row.start_ns} />
          {row.errors ? <span className={css.bad}> · {text.errors(count(row.errors))}</span> : null}
        </span>
      </span>
    </div>
  );
}

function Took({ row, longest }: { row: Trace; longest: number }) {
  return (
    <div className={css.took}>
      <span className="numbers">{duration(row.duration_ns)}</span>
      <span className={css.lane} aria-hidden>
        <span style={{ width: `${Math.min(100, (100 * row.duration_ns) / longest)}%` }} data-failed={row.errors > 0 || undefined} />
      </span>
    </div>
  );
}
