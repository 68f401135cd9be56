import { useElementSize } from "@mantine/hooks";
import { lazy, Suspense } from "react";
import { GAP, loadElk, NODE } from "./layout";
import { PlanList } from "./list";
import { extent, type PlanStep } from "./step";
import css from "./plan.module.css";

// The drawing comes with its library and the layout's; nothing else of the console waits for them.
const Canvas = lazy(() => {
  void loadElk();
  return import("./canvas");
});

/** Below this a graph cannot be read, and a list can. */
const NARROW_PX = 560;

export interface PlanProps {
  steps: readonly PlanStep[];
  /** Name of the step that is chosen. */
  selected?: string | undefined;
  onSelect?: ((name: string) => void) | undefined;
  /** What the plan is of. */
  label: string;
}

/** The plan of a saga, from left to right; a list from top to bottom where there is little room. */
export function PlanGraph(props: PlanProps) {
  const { ref, width } = useElementSize();
  const known = width || window.innerWidth;
  const { rows } = extent(props.steps);
  const height = rows * (NODE.height + GAP.beside) - GAP.beside + 8;
  return (
    <div ref={ref} className={css.plan}>
      {known < NARROW_PX ? (
        <PlanList {...props} />
      ) : (
        <Suspense fallback={<div style={{ minHeight: height }} aria-busy="true" />}>
          <Canvas {...props} room={known} height={height} />
        </Suspense>
      )}
    </div>
  );
}
