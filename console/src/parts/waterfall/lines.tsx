import { Skeleton } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useText } from "../../text";
import { Badge, type Tone } from "../badge";
import { duration } from "../format/duration";
import { count } from "../format/number";
import css from "./details.module.css";
import { Section } from "./facts";
import { around, LINES_MAX } from "./logs";
import type { Log, Span, WholeTrace } from "./model";
import type { Tree } from "./tree";

const TONES: Record<string, Tone> = { warn: "compensating", error: "parked", fatal: "parked" };

interface Props {
  trace: WholeTrace;
  tree: Tree;
  span: Span;
  logs: Log[] | undefined;
  cut: boolean;
}

/** What was logged while a span ran, oldest first. */
export function LogLines({ trace, tree, span, logs, cut }: Props) {
  const { traces, common } = useText();
  const { span: text } = traces;
  const all = (
    <Link to="/logs" search={{ q: `trace:${trace.trace_id} span:${span.span_id}`, ...around(tree) }} className={css.more}>
      {text.logsAll}
    </Link>
  );
  return (
    <Section title={text.logs} count={logs?.length ?? 0} aside={all}>
      {logs === undefined ? <Skeleton height={20} radius="sm" /> : null}
      {logs?.length === 0 ? <p className={css.none}>{text.noLogs}</p> : null}
      <ul className={css.lines}>
        {[...(logs ?? [])].reverse().map((line) => (
          <li key={`${line.time_ns} ${line.key}`}>
            <Badge tone={TONES[line.level] ?? "neutral"}>{common.levels[line.level as keyof typeof common.levels] ?? line.level}</Badge>
            <span className="soft numbers">{after(line, tree)}</span>
            <span className={css.line}>{line.body}</span>
          </li>
        ))}
      </ul>
      {cut ? <p className={css.none}>{text.logsCut(count(LINES_MAX))}</p> : null}
    </Section>
  );
}

function after(line: Log, tree: Tree): string {
  const ns = Number(BigInt(line.time_ns) - tree.from);
  return `${ns < 0 ? "−" : "+"}${duration(Math.abs(ns))}`;
}
