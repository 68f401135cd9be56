import type { Schemas } from "../../api/client";
import { Facts } from "../../parts/facts";
import { Panel } from "../../parts/panel";
import { waysBack } from "../../parts/plan/step";
import { useText } from "../../text";
import { HalfFacts } from "./half";
import { HALVES, planOf, stepsOf } from "./plan";
import { Template } from "./template";
import css from "./definition.module.css";

/** The chosen step: what it waits for, whether there is a way back, and what its halves send. */
export function StepPanel({ definition, name }: { definition: Schemas["Definition"]; name: string }) {
  const { definitions, common } = useText();
  const text = definitions.step;
  const step = definition.steps.find((one) => one.name === name);
  if (!step) return null;
  const stored = planOf(definition).steps.find((one) => one.name === name);
  const back = waysBack(stepsOf(definition)).get(name) ?? "none";
  return (
    <Panel title={text.title(name)}>
      <Facts
        facts={[
          [text.after, step.after.length ? step.after.join(", ") : text.atOnce],
          [text.condition, stored?.if ? <Template key="if" text={stored.if} /> : step.condition ? definitions.plan.conditional : null],
          [text.back, text.backs[back]],
        ]}
      />
      <div className={css.halves}>
        {HALVES.map((half) => {
          const told = step.halves.find((one) => one.half === half);
          return told ? <HalfFacts key={half} title={common.halves[half]} told={told} half={stored?.[half]} /> : null;
        })}
      </div>
    </Panel>
  );
}
