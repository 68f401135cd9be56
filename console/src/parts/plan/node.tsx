import { type Icon, IconArrowBackUp, IconArrowNarrowRight, IconCornerDownRight, IconFlag3, IconGitBranch, IconLock } from "@tabler/icons-react";
import { useText } from "../../text";
import { colour } from "../badge";
import { isState, LOOKS } from "./state";
import type { PlanStep, Way } from "./step";
import css from "./plan.module.css";

export const WAYS: Record<Way, Icon> = {
  pivot: IconFlag3,
  behind: IconArrowNarrowRight,
  undoable: IconArrowBackUp,
  none: IconLock,
};

interface Props {
  step: PlanStep;
  way: Way;
  number: number;
  of: number;
  selected: boolean;
  onSelect?: ((name: string) => void) | undefined;
  showAfter?: boolean;
}

/** One step: its name, whom it calls, whether there is a way back, and how it stands. */
export function StepNode({ step, way, number, of, selected, onSelect, showAfter }: Props) {
  const { plan, states } = useText().definitions;
  const look = step.state !== undefined && isState(step.state) ? LOOKS[step.state] : null;
  const word = step.state !== undefined && isState(step.state) ? states[step.state] : step.state;
  const back = plan.ways[way];
  const after = step.after.length ? plan.after(step.after.join(", ")) : plan.first;
  const label = [
    plan.step(step.name, String(number), String(of)),
    step.service,
    word,
    step.note,
    back,
    step.condition ? plan.conditional : null,
    after,
  ].filter(Boolean);
  const Back = WAYS[way];
  return (
    <button
      type="button"
      className={css.node}
      data-pivot={step.pivot || undefined}
      data-idle={step.state === "waiting" || step.state === "skipped" || undefined}
      aria-pressed={selected}
      aria-label={label.join(", ")}
      onClick={() => onSelect?.(step.name)}
      style={{ "--of": look ? colour(look.tone) : "var(--line)" } as React.CSSProperties}
    >
      <span className={css.top}>
        <span className={`cut ${css.name}`} title={step.name}>
          {step.name}
        </span>
        {step.condition ? (
          <span className={css.mark} title={typeof step.condition === "string" ? plan.onlyIf(step.condition) : plan.conditional}>
            <IconGitBranch size={14} aria-hidden />
          </span>
        ) : null}
        <span className={css.mark} data-pivot={step.pivot || undefined} title={back}>
          <Back size={14} aria-hidden />
        </span>
      </span>
      <span className={`cut ${css.service}`}>{step.service}</span>
      <span className={css.foot}>
        {word === undefined ? (
          <span className="cut">{back}</span>
        ) : (
          <span className={`cut ${css.state}`} title={step.note ? `${word} · ${step.note}` : word}>
            {look ? <look.icon size={13} stroke={2.2} aria-hidden /> : null}
            <span className="cut">
              {word}
              {step.note ? <span className={css.note}> · {step.note}</span> : null}
            </span>
          </span>
        )}
      </span>
      {showAfter ? (
        <span className={css.after}>
          <IconCornerDownRight size={13} aria-hidden /> {after}
        </span>
      ) : null}
    </button>
  );
}
