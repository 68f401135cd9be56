import { QueryClient } from "@tanstack/react-query";
import { asProblem } from "../api/problem";

/** What a page shows is asked again this often, besides what the server's changes cause. */
export const REFRESH_MS = 10_000;

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 1_000,
      refetchInterval: REFRESH_MS,
      // Whether the network is there is seen by asking the server, which is often this machine.
      networkMode: "always",
      // A refusal stays one; what could not be reached is asked again at once, and then with every refresh.
      retry: (failures, error) => failures < 1 && asProblem(error).cause === "unreachable",
      retryDelay: 400,
    },
    mutations: { networkMode: "always" },
  },
});
