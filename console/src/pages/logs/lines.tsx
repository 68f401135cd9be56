import { day, millis } from "../../parts/format/time";
import { Rows } from "../../parts/rows";
import { searched } from "../../parts/logs/searched";
import { useText } from "../../text";
import { columns } from "./columns";
import { idOf, type Line } from "./line";
import css from "./logs.module.css";

interface Props {
  lines: Line[];
  query: string;
  more: (() => void) | undefined;
  /** Is the last line the oldest of all that match? */
  ended: boolean;
}

/** Lines, one a row. */
export function Lines({ lines, query, more, ended }: Props) {
  const text = useText();
  const oldest = lines.at(-1);
  const dated = oldest !== undefined && day(millis(oldest.time_ns)) !== day(Date.now());
  return (
    <div className={css.lines}>
      <Rows label={text.logs.list} columns={columns(text, searched(query), dated)} rows={lines} id={idOf} height={30} more={more} />
      <p className={`soft ${css.end}`}>{ended ? text.logs.end : text.logs.loadingMore}</p>
    </div>
  );
}
