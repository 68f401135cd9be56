import type { Schemas } from "../../api/client";

/** All that is known of one service, from wherever it is known. */
export interface Known {
  name: string;
  /** How it is called; absent for one that only traces tell of. */
  calls?: Schemas["ServiceCalls"] | undefined;
  /** Requests and errors, as its spans tell. */
  figures?: Schemas["ServiceView"] | undefined;
  /** Can it be reached? Known once it was called. */
  target?: Schemas["Target"] | undefined;
  settings?: Schemas["Service"] | undefined;
}

interface Sources {
  calls?: Schemas["CallsExplained"] | undefined;
  map?: Schemas["ServiceMap"] | undefined;
  status?: Schemas["ServerStatus"] | undefined;
  system?: Schemas["System"] | undefined;
}

/** Every service that the system has, and those that only traces tell of. Receivers of notices are no services. */
export function gather({ calls, map, status, system }: Sources): Known[] {
  const removed = status?.targets.filter((target) => target.removed) ?? [];
  const names = new Set([
    ...(calls?.services.map(({ name }) => name) ?? []),
    ...(system?.services.map(({ name }) => name) ?? []),
    ...removed.map(({ name }) => name),
    ...(map?.services.map(({ service }) => service) ?? []),
  ]);
  return [...names].map((name) => ({
    name,
    calls: calls?.services.find((one) => one.name === name),
    figures: map?.services.find((one) => one.service === name),
    target: status?.targets.find((one) => one.name === name),
    settings: system?.services.find((one) => one.name === name),
  }));
}

/** How a service is, worst first, with what it was decided on. */
export type Wellness =
  | { is: "down"; forMs: number | null; waiting: number; reason: string | null }
  | { is: "out"; endpoints: number; reason: string | null }
  | { is: "removed"; waiting: number }
  | { is: "partly"; out: number; endpoints: number; reason: string | null }
  | { is: "failing"; errors: number; requests: number }
  | { is: "crowded"; queued: number }
  | { is: "well" }
  | { is: "outside"; ondol: boolean };

export const WORST_FIRST: Wellness["is"][] = ["down", "out", "removed", "partly", "failing", "crowded", "well", "outside"];

export const isTroubled = ({ is }: Wellness): boolean => is !== "well" && is !== "outside";

/** From this share of errors on a service counts as failing: below it is what mostly goes unnoticed. */
const FAILING = 0.05;

/** What Ondol's own spans have as their service. */
const ONDOL = "ondol";

/** May it be called without a doubt? One whose probe is due may, but nobody knows how that will end. */
export const isUsable = ({ usable, why }: Schemas["Endpoint"]): boolean => usable && !why;

export function wellness({ name, calls, figures, target, settings }: Known): Wellness {
  if (target?.removed) return { is: "removed", waiting: target.waiting };
  if (target && !target.up) {
    return { is: "down", forMs: target.down_for_ms ?? null, waiting: target.waiting, reason: target.reason ?? null };
  }
  if (!calls && !settings) return { is: "outside", ondol: name === ONDOL };
  const endpoints = calls?.endpoints ?? [];
  const out = endpoints.filter((endpoint) => !isUsable(endpoint));
  const reason = out[0]?.why ?? null;
  if (out.length > 0 && out.length === endpoints.length) return { is: "out", endpoints: out.length, reason };
  if (out.length > 0) return { is: "partly", out: out.length, endpoints: endpoints.length, reason };
  if (figures && figures.requests > 0 && figures.errors / figures.requests >= FAILING) {
    return { is: "failing", errors: figures.errors, requests: figures.requests };
  }
  const queued = (calls?.throttle.queued ?? 0) + (target?.waiting ?? 0);
  return queued > 0 ? { is: "crowded", queued } : { is: "well" };
}

/** Those that are not well stand first; others by name. */
export function worstFirst(services: Known[]): { known: Known; state: Wellness }[] {
  return services
    .map((known) => ({ known, state: wellness(known) }))
    .sort((one, other) => {
      const order = WORST_FIRST.indexOf(one.state.is) - WORST_FIRST.indexOf(other.state.is);
      return order || one.known.name.localeCompare(other.known.name);
    });
}

/** Calls that were answered by something else than the service. */
export const fallbacks = ({ fallbacks: of }: Schemas["CallCounts"]): number => of.static + of.cached + of.alternate;
