import { IconArrowLeft, IconArrowRight, IconClock, IconX } from "@tabler/icons-react";
import { useText } from "../../text";
import { colourOf } from "../colour-of";
import css from "./failing.module.css";
import type { Failure } from "./model";

/**
 * The call that failed, as a picture: who called whom, and where it broke. It says nothing that the sentence above it does
 * not say, so readers of the page's text are spared it.
 */
export function StagePicture({ failure }: { failure: Failure }) {
  const { said } = useText().traces;
  const { stage, caller, called, service, origin } = failure;
  if (stage === "own" && !caller) return null;
  const from = caller?.service ?? origin.service;
  const to = called ?? (service === from ? said.unnamed : service);
  const broken = { request: stage === "never_arrived", answer: stage === "answer_lost", callee: stage === "callee_failed" || stage === "callee_refused" || stage === "own" };
  return (
    <div className={css.picture} aria-hidden>
      <Box service={from} />
      <span className={css.arrows}>
        <span data-broken={broken.request || undefined}>
          <i />
          {broken.request ? <IconX size={14} stroke={3} /> : null}
          <IconArrowRight size={14} />
        </span>
        <span data-broken={broken.answer || undefined} data-late={stage === "slow_callee" || undefined} data-never={broken.request || undefined}>
          <IconArrowLeft size={14} />
          {broken.answer ? <IconX size={14} stroke={3} /> : null}
          {stage === "slow_callee" ? <IconClock size={14} /> : null}
          <i />
        </span>
      </span>
      <Box service={to} broken={broken.callee} />
    </div>
  );
}

function Box({ service, broken }: { service: string; broken?: boolean }) {
  return (
    <span className={css.box} data-broken={broken || undefined}>
      <span className={css.dot} style={{ background: colourOf(service) }} />
      {service}
      {broken ? <IconX size={14} stroke={3} /> : null}
    </span>
  );
}
