import { Anchor } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconCircleX, IconRefresh } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { Fragment, useId } from "react";
import { useText } from "../../text";
import type { Tone } from "../badge";
import { colour } from "../badge";
import { duration } from "../format/duration";
import { count } from "../format/number";
import css from "./failing.module.css";
import { type Analysis, analysisOf, type Failure, type Verdict, type WholeTrace } from "./model";
import { Odd } from "./odd";
import { RetriedCalls } from "./retried";
import { StagePicture } from "./stage";

export const TONES: Record<Verdict, Tone> = { empty: "neutral", healthy: "completed", repaired: "compensating", tolerated: "compensating", failed: "parked" };
export const ICONS = { empty: IconAlertTriangle, healthy: IconCircleCheck, repaired: IconRefresh, tolerated: IconAlertTriangle, failed: IconCircleX };

interface Props {
  trace: WholeTrace;
  /** Opens a span. */
  onSelect: (span: string) => void;
}

/** How a trace went, and where and why it failed: what a person came for, in words. */
export function Failing({ trace, onSelect }: Props) {
  const { traces } = useText();
  const heading = useId();
  const analysis = analysisOf(trace);
  const { verdict, failure } = analysis;
  const Icon = ICONS[verdict];
  return (
    <section className={css.said} aria-labelledby={heading} style={{ "--of": colour(TONES[verdict]) } as React.CSSProperties}>
      <Icon size={22} aria-hidden className={css.icon} />
      <div className={css.text}>
        <h2 id={heading} className={css.verdict}>
          {traces.verdicts[verdict]}
          {failure ? <span className={css.stageWords}>: {stageWords(failure, traces)}</span> : null}
        </h2>
        {failure ? <Cause failure={failure} rooted={analysis.rooted} onSelect={onSelect} /> : <p>{calm(analysis, traces)}</p>}
        <RetriedCalls analysis={analysis} onSelect={onSelect} />
        <Odd analysis={analysis} />
      </div>
      {failure ? <StagePicture failure={failure} /> : null}
    </section>
  );
}

type Traces = ReturnType<typeof useText>["traces"];

/** At which stage it failed, as one sentence. */
export const stageWords = (failure: Failure, { said }: Traces): string => said.stages[failure.stage](failure.called ?? failure.service);

const calm = ({ verdict }: Analysis, { said }: Traces): string => (verdict === "healthy" || verdict === "repaired" || verdict === "empty" ? said[verdict] : said.tolerated);

function Cause({ failure, rooted, onSelect }: { failure: Failure; rooted: boolean; onSelect: (span: string) => void }) {
  const { said } = useText().traces;
  const notes = [
    failure.timeout && failure.stage !== "slow_callee" ? said.timeout : "",
    failure.late_ns > 0 ? said.late(duration(failure.late_ns)) : "",
    failure.root_failed || !rooted ? "" : said.tolerated,
    said.choices[failure.choice](count(failure.others_total)),
  ].filter(Boolean);
  return (
    <>
      <p className={css.reason}>{failure.reason}</p>
      <p className={css.path}>
        <span className="soft">{said.path}:</span>{" "}
        {failure.path.map((place, at) => (
          <Fragment key={place.span_id}>
            {at > 0 ? <span className="soft"> › </span> : null}
            <Anchor component="button" type="button" inherit c="inherit" underline="hover" onClick={() => onSelect(place.span_id)}>
              <span className="soft">{place.service}</span> {place.name}
            </Anchor>
          </Fragment>
        ))}
      </p>
      {notes.length ? <p className="soft">{notes.join(" ")}</p> : null}
      <p className={css.actions}>
        <Anchor component="button" type="button" inherit c="var(--accent)" underline="hover" onClick={() => onSelect(failure.origin.span_id)}>
          {said.show}
        </Anchor>
        <span>
          <span className="soft">{said.lookAt}:</span>{" "}
          <Link to="/services/$name" params={{ name: failure.service }} className="link">
            <b>{failure.service}</b>
          </Link>
        </span>
      </p>
    </>
  );
}
