import { Button } from "@mantine/core";
import { IconArrowsDiff, IconEqual, IconMinus, IconPlus } from "@tabler/icons-react";
import type { Schemas } from "../../api/client";
import { Badge, type Tone } from "../../parts/badge";
import { Panel } from "../../parts/panel";
import { useText } from "../../text";
import { Changes } from "./changes";
import { diff, isSame, type StepDiff } from "./diff";
import { planOf, type Step } from "./plan";
import css from "./definition.module.css";

const LOOKS: Record<StepDiff["kind"], { tone: Tone; icon: typeof IconPlus }> = {
  added: { tone: "completed", icon: IconPlus },
  removed: { tone: "parked", icon: IconMinus },
  changed: { tone: "running", icon: IconArrowsDiff },
  same: { tone: "neutral", icon: IconEqual },
};

type Definition = Schemas["Definition"];

/** What changed from one version to the other, step by step, side by side. */
export function Compare({ before, after, onEnd }: { before: Definition; after: Definition; onEnd: () => void }) {
  const text = useText().definitions.diff;
  const found = diff(planOf(before), planOf(after));
  const versions = [String(before.version), String(after.version)] as const;
  const same = found.steps.filter(({ kind }) => kind === "same").map(({ name }) => name);
  return (
    <Panel
      title={text.title(...versions)}
      aside={
        <Button size="compact-sm" variant="subtle" color="gray" onClick={onEnd}>
          {text.end}
        </Button>
      }
    >
      {isSame(found) ? <p className={css.calm}>{text.nothing}</p> : null}
      {found.changes.length ? (
        <section className={css.difference} aria-label={text.whole}>
          <h3>{text.whole}</h3>
          <Changes changes={found.changes} versions={versions} label={text.whole} />
        </section>
      ) : null}
      {found.steps.map((step) => (step.kind === "same" ? null : <Difference key={step.name} step={step} versions={versions} />))}
      {same.length && !isSame(found) ? <p className={css.calm}>{text.same(same.join(", "))}</p> : null}
    </Panel>
  );
}

function Difference({ step, versions }: { step: StepDiff; versions: readonly [string, string] }) {
  const text = useText().definitions.diff;
  const { tone, icon } = LOOKS[step.kind];
  return (
    <section className={css.difference} aria-label={`${step.name}: ${text.kinds[step.kind]}`}>
      <h3>
        {step.name}{" "}
        <Badge tone={tone} icon={icon}>
          {text.kinds[step.kind]}
        </Badge>
      </h3>
      {step.kind === "changed" ? <Changes changes={step.changes} versions={versions} label={step.name} /> : <p className={css.calm}>{brief(step.step)}</p>}
    </section>
  );
}

/** A step that is there in one version only, in a line. */
const brief = ({ action }: Step) => (action ? <span className="mono">{`${action.service} ${action.method} ${action.path}`}</span> : null);
