import { createRootRoute, createRoute, createRouter } from "@tanstack/react-router";
import { loadAhead } from "./ahead";
import { Broken } from "./broken";
import { lazyPage, pages } from "./lazy-page";
import { Lost } from "./lost";
import { flag, range, text } from "./search";
import { Shell } from "./shell";

const root = createRootRoute({ component: Shell, notFoundComponent: Lost, errorComponent: Broken });
type Raw = Record<string, unknown>;

/** Nothing in an address has to be there. */
const some = <T extends object>(search: T): Partial<T> => search;

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: lazyPage(() => import("../pages/home/page"), "HomePage"),
});

const sagas = createRoute({
  getParentRoute: () => root,
  path: "/sagas",
  validateSearch: (raw: Raw) => some({
    status: text(raw, "status"),
    definition: text(raw, "definition"),
    service: text(raw, "service"),
    q: text(raw, "q"),
    ...range(raw),
  }),
  component: lazyPage(() => import("../pages/sagas/page"), "SagasPage"),
});

const saga = createRoute({
  getParentRoute: () => root,
  path: "/sagas/$id",
  validateSearch: (raw: Raw) => some({ step: text(raw, "step"), view: text(raw, "view"), span: text(raw, "span") }),
  component: lazyPage(() => import("../pages/saga/page"), "SagaPage"),
});

const desk = createRoute({
  getParentRoute: () => root,
  path: "/desk",
  validateSearch: (raw: Raw) => some({ cause: text(raw, "cause"), tab: text(raw, "tab"), batch: text(raw, "batch"), by: text(raw, "by") }),
  component: lazyPage(() => import("../pages/desk/page"), "DeskPage"),
});

const traces = createRoute({
  getParentRoute: () => root,
  path: "/traces",
  validateSearch: (raw: Raw) => some({ q: text(raw, "q"), pick: text(raw, "pick"), ...range(raw) }),
  component: lazyPage(() => import("../pages/traces/page"), "TracesPage"),
});

const trace = createRoute({
  getParentRoute: () => root,
  path: "/traces/$id",
  validateSearch: (raw: Raw) => some({ span: text(raw, "span"), with: text(raw, "with") }),
  component: lazyPage(() => import("../pages/trace/page"), "TracePage"),
});

const map = createRoute({
  getParentRoute: () => root,
  path: "/map",
  validateSearch: (raw: Raw) => some({ service: text(raw, "service"), ...range(raw) }),
  component: lazyPage(() => import("../pages/map/page"), "MapPage"),
});

const logs = createRoute({
  getParentRoute: () => root,
  path: "/logs",
  validateSearch: (raw: Raw) => some({
    q: text(raw, "q"),
    tab: text(raw, "tab"),
    live: flag(raw, "live"),
    line: text(raw, "line"),
    ...range(raw),
  }),
  component: lazyPage(() => import("../pages/logs/page"), "LogsPage"),
});

const services = createRoute({
  getParentRoute: () => root,
  path: "/services",
  validateSearch: (raw: Raw) => some(range(raw)),
  component: lazyPage(() => import("../pages/services/page"), "ServicesPage"),
});

const service = createRoute({
  getParentRoute: () => root,
  path: "/services/$name",
  validateSearch: (raw: Raw) => some(range(raw)),
  component: lazyPage(() => import("../pages/service/page"), "ServicePage"),
});

const definitions = createRoute({
  getParentRoute: () => root,
  path: "/definitions",
  component: lazyPage(() => import("../pages/definitions/page"), "DefinitionsPage"),
});

const definition = createRoute({
  getParentRoute: () => root,
  path: "/definitions/$name",
  validateSearch: (raw: Raw) => some({
    version: text(raw, "version"),
    with: text(raw, "with"),
    step: text(raw, "step"),
    start: flag(raw, "start"),
  }),
  component: lazyPage(() => import("../pages/definition/page"), "DefinitionPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    sagas,
    saga,
    desk,
    traces,
    trace,
    map,
    logs,
    services,
    service,
    definitions,
    definition,
  ]),
  // Every value of an address is text: an order number stays one.
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const given = Object.entries(search).filter(([, value]) => value !== undefined && value !== "");
    const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
    return text ? `?${text}` : "";
  },
  // A page that fails leaves the menu where it is.
  defaultErrorComponent: Broken,
  // A page's code comes when the pointer rests on its link, and at the latest when there is nothing else to do.
  defaultPreload: "intent",
  scrollRestoration: true,
});

void loadAhead(pages);

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
