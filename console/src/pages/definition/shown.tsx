import { IconGitBranch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { Schemas } from "../../api/client";
import { Answer } from "../../parts/answer";
import { Panel } from "../../parts/panel";
import { PlanGraph } from "../../parts/plan/graph";
import { WAYS } from "../../parts/plan/node";
import { type Way, waysBack } from "../../parts/plan/step";
import { useText } from "../../text";
import { About } from "./about";
import { Compare } from "./compare";
import { stepsOf } from "./plan";
import { definitionQuery } from "./query";
import { StartDrawer } from "./start/drawer";
import { StepPanel } from "./step";
import css from "./definition.module.css";

type Definition = Schemas["Definition"];

interface Props {
  definition: Definition;
  compared: number | undefined;
  step: string | undefined;
  starting: boolean;
  onStep: (name: string) => void;
  onEndCompare: () => void;
  onEndStart: () => void;
}

const WAYS_IN_ORDER: Way[] = ["undoable", "none", "pivot", "behind"];

/** One version of a definition. */
export function Shown({ definition, compared, step, starting, onStep, onEndCompare, onEndStart }: Props) {
  const { definitions } = useText();
  const { plan, one } = definitions;
  const steps = stepsOf(definition);
  const selected = steps.find(({ name }) => name === step)?.name ?? steps[0]?.name;
  const found = new Set(waysBack(steps).values());
  const ways = WAYS_IN_ORDER.filter((way) => found.has(way));
  return (
    <>
      {compared === undefined || compared === definition.version ? null : (
        <Compared definition={definition} version={compared} onEnd={onEndCompare} />
      )}
      <Panel title={one.planTitle}>
        <PlanGraph steps={steps} selected={selected} onSelect={onStep} label={plan.label(definition.name)} />
        <p className={css.legend}>
          {ways.map((way) => {
            const Sign = WAYS[way];
            return (
              <span key={way} data-pivot={way === "pivot" || undefined}>
                <Sign size={14} aria-hidden /> {plan.ways[way]}
              </span>
            );
          })}
          {steps.some(({ condition }) => condition) ? (
            <span>
              <IconGitBranch size={14} aria-hidden /> {plan.conditional}
            </span>
          ) : null}
        </p>
      </Panel>
      <div className={css.columns}>
        {selected ? <StepPanel definition={definition} name={selected} /> : null}
        <About definition={definition} />
      </div>
      <StartDrawer definition={definition} opened={starting} onClose={onEndStart} />
    </>
  );
}

/** The older of the two stands at the left, whichever was chosen first. */
function Compared({ definition, version, onEnd }: { definition: Definition; version: number; onEnd: () => void }) {
  const other = useQuery(definitionQuery(definition.name, version));
  return (
    <Answer query={other} height={160}>
      {(data) => {
        const [before, after] = data.version < definition.version ? [data, definition] : [definition, data];
        return <Compare before={before} after={after} onEnd={onEnd} />;
      }}
    </Answer>
  );
}
