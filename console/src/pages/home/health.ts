import type { Schemas } from "../../api/client";

/** How a service is, worst first. */
export type State = "down" | "ejected" | "failing" | "quiet" | "up";

export interface ServiceHealth {
  name: string;
  state: State;
  /** Addresses that are left out for now. */
  out: number;
  /** Why it is not well, as the server says. */
  reason: string;
  requests: number;
  errors: number;
  p95Ns: number;
}

/** From this share of errors on a service counts as failing: one in twenty is more than retries hide. */
const FAILING = 0.05;

const ORDER: State[] = ["down", "ejected", "failing", "up", "quiet"];

/** What is known of every service, from three places, those that are not well first. */
export function health(
  calls: Schemas["ServiceCalls"][],
  targets: Schemas["Target"][],
  views: Schemas["ServiceView"][],
): ServiceHealth[] {
  const services = calls.map(({ name, endpoints }): ServiceHealth => {
    const view = views.find((one) => one.service === name);
    const target = targets.find((one) => one.name === name);
    const out = endpoints.filter((endpoint) => !endpoint.usable);
    const { requests = 0, errors = 0, p95_ns = 0 } = view ?? {};
    const down = target?.up === false || (endpoints.length > 0 && out.length === endpoints.length);
    const failing = requests > 0 && errors / requests >= FAILING;
    const state = down ? "down" : out.length > 0 ? "ejected" : failing ? "failing" : requests === 0 ? "quiet" : "up";
    return { name, state, out: out.length, reason: target?.reason ?? out[0]?.why ?? "", requests, errors, p95Ns: p95_ns };
  });
  return services.sort((left, right) => ORDER.indexOf(left.state) - ORDER.indexOf(right.state) || left.name.localeCompare(right.name));
}
