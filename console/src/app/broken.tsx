import type { ErrorComponentProps } from "@tanstack/react-router";
import { BrokenPage } from "./broken-page";
import { Missing } from "./missing";
import { isUnloaded } from "./unloaded";

/** A page that failed: because its code is not there, or because it has a defect. */
export function Broken({ error }: ErrorComponentProps) {
  return isUnloaded(error) ? <Missing error={error} /> : <BrokenPage error={error} />;
}
