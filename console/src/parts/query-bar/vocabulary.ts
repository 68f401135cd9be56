import { useQuery } from "@tanstack/react-query";
import { answer, api } from "../../api/client";

/** Names of services, the busiest day's worth: those that sent something, and those of the system. */
export function useServices(): string[] {
  const map = useQuery({
    queryKey: ["query-bar", "services"],
    queryFn: () => answer(api.GET("/v1/telemetry/ledger")),
    staleTime: 30_000,
    refetchInterval: false,
  }).data;
  return [...new Set(map?.accounts.map((account) => account.service))].sort();
}

type Attributed = { attributes: Record<string, string>; resource: Record<string, string> };

const MOST_RECORDS = 500;
const MOST_VALUES = 12;

/** Names of attributes with some of their values, from records that a page has shown. */
export function attributesOf(records: Attributed[]): Record<string, string[]> {
  const seen = new Map<string, Set<string>>();
  for (const { attributes, resource } of records.slice(0, MOST_RECORDS)) {
    for (const [name, value] of [...Object.entries(attributes), ...Object.entries(resource)]) {
      const values = seen.get(name) ?? new Set();
      seen.set(name, values);
      if (values.size < MOST_VALUES && value.length <= 80) values.add(value);
    }
  }
  return Object.fromEntries([...seen].map(([name, values]) => [name, [...values]]));
}
