import { PlanGraph } from "../../parts/plan/graph";
import { stateOf } from "../../parts/plan/state";
import { Panel } from "../../parts/panel";
import { useText } from "../../text";
import { DataPanel } from "./data";
import { NextPanel } from "./next";
import { Notices, Vouched } from "./aftermath";
import css from "./overview.module.css";
import type { Saga } from "./query";
import { StepPanel } from "./step";
import { StoryPanel } from "./story";
import { TimelinePanel } from "./timeline-panel";

interface Props {
  saga: Saga;
  step: string | undefined;
  onStep: (step: string) => void;
}

/** What became of it at a glance, its plan, every attempt, and one step in full. */
export function Overview({ saga, step, onStep }: Props) {
  const { saga: text } = useText();
  const steps = saga.steps.map((one) => ({ ...one, state: stateOf(one) }));
  // The step a person came for: the chosen one, else the one that needs them.
  const shown = saga.steps.find((one) => one.name === step) ?? saga.steps.find((one) => one.progress?.stuck) ?? saga.steps.find((one) => one.name === saga.failed?.step);
  return (
    <>
      <StoryPanel saga={saga} />
      <Panel title={text.plan}>
        <PlanGraph steps={steps} selected={shown?.name} onSelect={onStep} label={text.plan} />
      </Panel>
      <div className={css.columns}>
        <div className={css.column}>
          {shown ? <StepPanel saga={saga} step={shown} /> : null}
          <TimelinePanel saga={saga} />
        </div>
        <div className={css.column}>
          <NextPanel saga={saga} />
          <DataPanel saga={saga} />
          <Vouched saga={saga} />
          <Notices saga={saga} />
        </div>
      </div>
    </>
  );
}
