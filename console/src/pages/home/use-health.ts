import { useQuery } from "@tanstack/react-query";
import { statusQuery } from "../../app/server";
import { health, type ServiceHealth } from "./health";
import { callsQuery, mapQuery } from "./query";

/** How every service is; nothing until it is known. What telemetry has to add may come later, or not at all. */
export function useHealth(): ServiceHealth[] | undefined {
  const calls = useQuery(callsQuery).data;
  const status = useQuery(statusQuery).data;
  const map = useQuery(mapQuery);
  if (!calls || !status || map.isPending) return undefined;
  return health(calls.services, status.targets, map.data?.services ?? []);
}
