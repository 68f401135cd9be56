import { lazyRouteComponent } from "@tanstack/react-router";
import type { ComponentType } from "react";
import "./styles-again";
import { Unloaded } from "./unloaded";

/** Loads the code of each page. */
export const pages: (() => Promise<unknown>)[] = [];

/**
 * A page whose code comes when it is wanted. A failure is an error in words of our own: the router knows the browser's by
 * its beginning, and would reload into a server that may be away.
 */
export function lazyPage<Name extends string>(load: () => Promise<Record<Name, ComponentType>>, name: Name) {
  pages.push(load);
  return lazyRouteComponent(
    () =>
      load().catch((error: unknown) => {
        throw new Unloaded(`Not loaded: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
      }),
    name,
  );
}
