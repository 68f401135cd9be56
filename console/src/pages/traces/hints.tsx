import { Button } from "@mantine/core";
import type { Schemas } from "../../api/client";
import type { Problem } from "../../api/problem";
import { Notice } from "../../parts/notice";
import { useText } from "../../text";
import css from "./traces.module.css";

/** Parts of the query that probably mean something else. */
export function Hints({ hints, q, onChange }: { hints: Schemas["QueryHint"][]; q: string; onChange: (q: string) => void }) {
  const { query } = useText().traces;
  return hints.map(({ written, meant }) => (
    <Notice
      key={written}
      kind="warn"
      title={query.hint(written, meant)}
      action={
        q.includes(written) ? (
          <Button size="xs" variant="default" onClick={() => onChange(q.replace(written, meant))}>
            {query.use(q.replace(written, meant))}
          </Button>
        ) : undefined
      }
    />
  ));
}

/** A query that is none: where it went wrong, and what to write. */
export function Misread({ problem }: { problem: Problem }) {
  const { query } = useText().traces;
  return (
    <Notice kind="bad" title={query.bad}>
      <pre className={`mono ${css.misread}`}>{problem.detail}</pre>
    </Notice>
  );
}
