import type { PlanProps } from "./graph";
import { StepNode } from "./node";
import { waysBack } from "./step";
import css from "./plan.module.css";

/** The steps of a plan in their order, each with what it waits for. */
export function PlanList({ steps, selected, onSelect, label }: PlanProps) {
  const ways = waysBack(steps);
  return (
    <ol className={css.list} aria-label={label}>
      {steps.map((step, at) => (
        <li key={step.name}>
          <StepNode
            step={step}
            way={ways.get(step.name) ?? "none"}
            number={at + 1}
            of={steps.length}
            selected={step.name === selected}
            onSelect={onSelect}
            // What follows the step above it needs no word.
            showAfter={step.after.length !== (at === 0 ? 0 : 1) || (at > 0 && step.after[0] !== steps[at - 1]?.name)}
          />
        </li>
      ))}
    </ol>
  );
}
