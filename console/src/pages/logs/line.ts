import type { Schemas } from "../../api/client";

export type Line = Schemas["Log"];

/** What tells a line from all others, and is enough to find it again. */
export const idOf = ({ time_ns, key, service }: Line): string => `${time_ns}.${key}.${service}`;
