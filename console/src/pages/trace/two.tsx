import { Button, Group, Switch } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { asProblem } from "../../api/problem";
import { Answer } from "../../parts/answer";
import { count } from "../../parts/format/number";
import { Notice } from "../../parts/notice";
import { Panel } from "../../parts/panel";
import { Rows } from "../../parts/rows";
import type { WholeTrace } from "../../parts/waterfall/model";
import { treeOf } from "../../parts/waterfall/tree";
import { useText } from "../../text";
import { align } from "./align";
import { columns } from "./columns";
import { traceQuery } from "./query";
import css from "./trace.module.css";

interface Props {
  trace: WholeTrace;
  other: string;
  onClose: () => void;
  onSelect: (span: string) => void;
}

/** Two traces, span by span. */
export function Two({ trace, other, onClose, onSelect }: Props) {
  const { two } = useText().traces;
  const query = useQuery(traceQuery(other));
  const missing = query.error && asProblem(query.error).cause === "not_found";
  return (
    <Panel
      title={two.title}
      flush
      aside={
        <Group gap="xs">
          <Button component={Link} to="/traces/$id" params={{ id: other } as never} search={{ with: trace.trace_id } as never} size="compact-sm" variant="default">
            {two.swap}
          </Button>
          <Button size="compact-sm" variant="default" onClick={onClose}>
            {two.close}
          </Button>
        </Group>
      }
    >
      {missing ? (
        <div className={css.pad}>
          <Notice kind="warn" title={two.missing} />
        </div>
      ) : (
        <Answer query={query} height={320}>
          {(there) => <Pairs trace={trace} there={there} onSelect={onSelect} />}
        </Answer>
      )}
    </Panel>
  );
}

function Pairs({ trace, there, onSelect }: { trace: WholeTrace; there: WholeTrace; onSelect: (span: string) => void }) {
  const text = useText();
  const { two } = text.traces;
  const [only, setOnly] = useState(false);
  const pairs = useMemo(() => align(treeOf(trace), treeOf(there)), [trace, there]);
  const different = useMemo(() => pairs.filter(({ mark }) => mark !== "same"), [pairs]);
  const longest = useMemo(
    () => pairs.reduce((most, pair) => Math.max(most, pair.here?.span.duration_ns ?? 0, pair.there?.span.duration_ns ?? 0), 1),
    [pairs],
  );
  return (
    <>
      <div className={css.twoHead}>
        <span>
          <b>{two.here}</b> <span className="mono">{trace.trace_id.slice(0, 12)}…</span>
        </span>
        <span>
          <b>{two.there}</b>{" "}
          <Link to="/traces/$id" params={{ id: there.trace_id }} className={`mono ${css.more}`}>
            {there.trace_id.slice(0, 12)}…
          </Link>
        </span>
        <span className="soft">{two.count(count(different.length), count(pairs.length))}</span>
        <Switch size="xs" label={two.only} checked={only} onChange={(event) => setOnly(event.currentTarget.checked)} />
      </div>
      {different.length === 0 ? <p className={css.pad}>{two.none}</p> : null}
      <Rows label={two.label} columns={columns(text, { longest, other: there.trace_id, onSelect })} rows={only ? different : pairs} id={(pair) => pair.key} height={48} />
    </>
  );
}
