import { Link } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import { colourOf } from "../../parts/colour-of";
import { Copy } from "../../parts/copy";
import { duration } from "../../parts/format/duration";
import { count } from "../../parts/format/number";
import { Ago, Moment } from "../../parts/moment";
import { analysisOf, sagaOf, type WholeTrace } from "../../parts/waterfall/model";
import { treeOf } from "../../parts/waterfall/tree";
import { useText } from "../../text";
import css from "./trace.module.css";

/** What a trace is, in figures, and where it leads. */
export function Head({ trace }: { trace: WholeTrace }) {
  const { one } = useText().traces;
  const tree = treeOf(trace);
  const analysis = analysisOf(trace);
  const saga = sagaOf(trace);
  const services = useMemo(() => servicesOf(trace), [trace]);
  return (
    <div className={css.head}>
      <Fact name={one.began}>
        <Moment at={String(tree.from)} withMillis /> <span className="soft">(<Ago at={String(tree.from)} />)</span>
      </Fact>
      <Fact name={one.took}>
        <b className="numbers">{duration(tree.length)}</b>
      </Fact>
      <Fact name={one.spans}>
        <span className="numbers">{count(tree.nodes.length)}</span>
      </Fact>
      <Fact name={one.failed}>
        <span className={`numbers ${analysis.errors ? css.bad : ""}`}>{count(analysis.errors)}</span>
      </Fact>
      <Fact name={one.services}>
        <span className={css.services}>
          {services.map((service) => (
            <Link key={service} to="/services/$name" params={{ name: service }} className={`link ${css.service}`}>
              <span className={css.dot} style={{ background: colourOf(service) }} aria-hidden />
              {service}
            </Link>
          ))}
        </span>
      </Fact>
      {saga ? (
        <Fact name={one.saga}>
          <Link to="/sagas/$id" params={{ id: saga }} className={css.more}>
            {saga}
          </Link>
        </Fact>
      ) : null}
      <Fact name={one.id}>
        <span className={css.id}>
          <span className="mono cut">{trace.trace_id}</span>
          <Copy value={trace.trace_id} />
        </span>
      </Fact>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={css.fact}>
      <div className={css.factName}>{name}</div>
      <div className={css.factValue}>{children}</div>
    </div>
  );
}

const servicesOf = (trace: WholeTrace): string[] => [...new Set(trace.spans.map((span) => span.service))];
