import {
  IconAffiliate,
  IconFileCode,
  IconHome,
  IconListDetails,
  IconLogs,
  IconRoute,
  IconServer2,
  IconTool,
} from "@tabler/icons-react";

// The pages, in the order of the menu. Metrics, alerts, releases and design have their place here when they come.
export const GROUPS = [
  { group: null, pages: [{ page: "home", to: "/", icon: IconHome }] },
  {
    group: "sagas",
    pages: [
      { page: "sagas", to: "/sagas", icon: IconListDetails },
      { page: "desk", to: "/desk", icon: IconTool },
    ],
  },
  {
    group: "telemetry",
    pages: [
      { page: "traces", to: "/traces", icon: IconRoute },
      { page: "map", to: "/map", icon: IconAffiliate },
      { page: "logs", to: "/logs", icon: IconLogs },
    ],
  },
  {
    group: "system",
    pages: [
      { page: "services", to: "/services", icon: IconServer2 },
      { page: "definitions", to: "/definitions", icon: IconFileCode },
    ],
  },
] as const;

export const PAGES = GROUPS.flatMap((group) => [...group.pages]);
