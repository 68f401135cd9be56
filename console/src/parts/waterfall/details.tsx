import { ActionIcon, Anchor } from "@mantine/core";
import { IconCheck, IconCircleX, IconX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useText } from "../../text";
import { Badge } from "../badge";
import { colourOf } from "../colour-of";
import { Copy } from "../copy";
import { duration } from "../format/duration";
import { Moment } from "../moment";
import css from "./details.module.css";
import { Facts, Section } from "./facts";
import { LogLines } from "./lines";
import { type Log, SAGA, STEP, type WholeTrace } from "./model";
import { Events, Links, Pairs } from "./pairs";
import { term } from "./term";
import type { Node, Tree } from "./tree";

interface Props {
  trace: WholeTrace;
  tree: Tree;
  node: Node;
  /** Its own lines; nothing while they are asked for. */
  logs: Log[] | undefined;
  cut: boolean;
  onSelect: (span: string | undefined) => void;
}

/** All that is known of one span. */
export function Details({ trace, tree, node, logs, cut, onSelect }: Props) {
  const { span: text } = useText().traces;
  const { span } = node;
  return (
    <div className={css.details}>
      <div className={css.head}>
        <div className={css.title}>
          <span className={css.stripe} style={{ background: colourOf(span.service) }} aria-hidden />
          <h3>{span.name}</h3>
        </div>
        <ActionIcon variant="subtle" color="gray" onClick={() => onSelect(undefined)} aria-label={text.close}>
          <IconX size={17} />
        </ActionIcon>
      </div>
      <Status node={node} />
      <Known tree={tree} node={node} onSelect={onSelect} />
      <LogLines trace={trace} tree={tree} span={span} logs={logs} cut={cut} />
      <Section title={text.attributes} count={Object.keys(span.attributes).length}>
        <Pairs of={span.attributes} none={text.noAttributes} />
      </Section>
      <Events span={span} />
      <Links span={span} />
      <Section title={text.resource} count={Object.keys(span.resource).length}>
        <Pairs of={{ ...span.resource, ...(span.scope ? { scope: span.scope } : {}) }} none={text.noAttributes} />
      </Section>
    </div>
  );
}

function Status({ node: { span, failed } }: { node: Node }) {
  const { span: text, waterfall } = useText().traces;
  const status = span.status as keyof typeof text.statuses;
  return (
    <div className={css.status}>
      {failed ? (
        <Badge tone="parked" icon={IconCircleX}>
          {span.status === "error" ? text.statuses.error : waterfall.failed}
        </Badge>
      ) : (
        <Badge tone={status === "ok" ? "completed" : "neutral"} icon={IconCheck}>
          {text.statuses[status] ?? span.status}
        </Badge>
      )}
      {span.status_message ? <p className={css.said}>{span.status_message}</p> : null}
    </div>
  );
}

function Known({ tree, node, onSelect }: { tree: Tree; node: Node; onSelect: (span: string) => void }) {
  const { span: text } = useText().traces;
  const { span, critical } = node;
  const above = tree.nodes[node.parent]?.span;
  const saga = span.attributes[SAGA];
  const step = span.attributes[STEP];
  const waited = critical.reduce((sum, [from, to]) => sum + to - from, 0);
  return (
    <Facts>
      {[
        [text.service, <Link key="" to="/services/$name" params={{ name: span.service }} className="link">{span.service}</Link>],
        [text.instance, span.instance],
        [text.kind, text.kinds[span.kind as keyof typeof text.kinds] ?? span.kind],
        [text.took, <b key="" className="numbers">{duration(span.duration_ns)}</b>],
        [text.began, <span key=""><Moment at={String(tree.from + BigInt(Math.round(node.start)))} withMillis />, {text.into(duration(node.start))}</span>],
        waited > 0 && [text.waited, text.waitedMore(duration(waited))],
        saga && [text.saga, <Link key="" to="/sagas/$id" params={{ id: saga }} search={step ? { step } : {}} className="link mono">{saga}{step ? ` · ${step}` : ""}</Link>],
        above && [text.parent, <Anchor key="" component="button" type="button" inherit ta="left" c="inherit" underline="always" onClick={() => onSelect(above.span_id)}>{above.service} {above.name}</Anchor>],
        [text.id, <span key="" className={css.id}><span className="mono cut">{span.span_id}</span><Copy value={span.span_id} /></span>],
        ["", <Link key="" to="/traces" search={{ q: `${term("service", span.service)} ${term("name", span.name)}` }} className={css.more}>{text.similar}</Link>],
      ]}
    </Facts>
  );
}
