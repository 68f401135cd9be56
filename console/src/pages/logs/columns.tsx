import { Link } from "@tanstack/react-router";
import { clock, day, millis } from "../../parts/format/time";
import { LevelTag } from "../../parts/logs/level";
import { MessageLine } from "../../parts/logs/message";
import type { Column } from "../../parts/rows";
import type { Text } from "../../text";
import { idOf, type Line } from "./line";
import css from "./logs.module.css";

/** Where the link of a line is, so that the focus can come back to it. */
export const linkId = (id: string): string => `line-${id}`;

/** What a list shows of a line. Where lines are of several days their times have a date. */
export function columns({ logs }: Text, marks: RegExp | null, dated: boolean): Column<Line>[] {
  const { columns: label } = logs;
  return [
    {
      key: "time",
      label: label.time,
      width: dated ? "148px" : "104px",
      narrow: dated ? "112px" : "66px",
      cell: (line) => <Time at={line.time_ns} dated={dated} />,
    },
    { key: "level", label: label.level, width: "64px", narrow: "44px", cell: (line) => <LevelTag level={line.level} /> },
    {
      key: "service",
      label: label.service,
      width: "minmax(72px, 124px)",
      cell: (line) => (
        <Link to="/services/$name" params={{ name: line.service }} className={`link soft ${css.service}`} title={line.service}>
          {line.service}
        </Link>
      ),
    },
    {
      key: "message",
      label: label.message,
      width: "minmax(0, 1fr)",
      narrow: "minmax(0, 1fr)",
      cell: (line) => {
        const id = idOf(line);
        return (
          <Link
            id={linkId(id)}
            to="/logs"
            search={(before) => ({ ...before, line: id })}
            replace
            resetScroll={false}
            className="row-link mono"
            // The router says of the link of this very address that it is the current one.
            activeOptions={{ exact: true }}
          >
            <MessageLine body={line.body} marks={marks} />
          </Link>
        );
      },
    },
  ];
}

function Time({ at, dated }: { at: string; dated: boolean }) {
  const ms = millis(at);
  const time = clock(ms);
  return (
    <time className={`mono ${css.time}`} dateTime={new Date(ms).toISOString()} title={`${day(ms)} ${time}`}>
      {dated ? `${day(ms).slice(5)} ` : ""}
      {time.slice(0, 8)}
      <span className={css.exact}>{time.slice(8)}</span>
    </time>
  );
}
