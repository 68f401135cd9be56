import { Button } from "@mantine/core";
import { asProblem } from "../../api/problem";
import type { Schemas } from "../../api/client";
import { useText } from "../../text";
import css from "./query-bar.module.css";

interface Props {
  query: string;
  error: unknown;
  hints: Schemas["QueryHint"][] | undefined;
  onMeant: (query: string) => void;
}

/** What the server says about a query: what it does not understand and where, or what may be meant instead. */
export function Notes({ query, error, hints = [], onMeant }: Props) {
  const { query: text } = useText().logs;
  if (isQueryProblem(error)) return <Wrong detail={asProblem(error).detail} />;
  return hints.map(({ written, meant }) => (
    <div key={written} className={css.hint}>
      <span>{text.meant(written)}</span>
      <Button size="compact-xs" variant="default" className="mono" onClick={() => onMeant(query.replace(written, meant))}>
        {query.replace(written, meant)}
      </Button>
    </div>
  ));
}

const DETAIL = /^the query is not understood at column (\d+): (.*)\n([^]*\^)\s*\n?([^]*)$/;

/** What is wrong, the place in the query, and what to write instead. */
function Wrong({ detail }: { detail: string }) {
  const { query: text } = useText().logs;
  const [, column, problem, place, instead] = DETAIL.exec(detail) ?? [];
  return (
    <div className={css.wrong}>
      <strong>{column ? `${text.wrong(column)}: ${problem}` : text.notUnderstood}</strong>
      <pre className="mono">{place ?? detail}</pre>
      {instead}
    </div>
  );
}

/** Did the server refuse the query itself? */
export const isQueryProblem = (error: unknown): boolean => !!error && asProblem(error).code === "query_syntax";
