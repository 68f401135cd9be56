// Code that comes after the first page. A server that goes away later, or is upgraded, must not break the way to a page.

type Load = () => Promise<unknown>;

/** What draws is not waited for on any page, and comes behind all of them. */
const DRAWING: Load[] = [
  () => import("../parts/chart/bars"),
  () => import("../parts/waterfall/waterfall"),
  () => import("../parts/plan/canvas"),
  () => import("../pages/map/graph"),
];

/** The first page asks for its data meanwhile. */
const AFTER_MS = 2_000;

/** Safari has no idle callbacks. */
const idle = () =>
  new Promise<void>((resolve) => {
    if ("requestIdleCallback" in window) requestIdleCallback(() => resolve());
    else setTimeout(resolve, 200);
  });

/** Loads the code of these pages, one after the other, while there is nothing else to do. */
export async function loadAhead(pages: readonly Load[]): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, AFTER_MS));
  for (const load of [...pages, ...DRAWING]) {
    await idle();
    // What does not come now is asked for when it is wanted.
    await load().catch(() => undefined);
  }
}
