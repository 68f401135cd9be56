import { expect, type Page, test } from "@playwright/test";
import { PAGES } from "./page";

// `cargo xtask bench console` fills a server and runs this: how soon each page paints, how soon it is whole, how a long
// list scrolls, and what the first page weighs. Warm: the browser has the files, as it has after the first visit of a day.
const RUNS = 5;
const PAINTED_MS = 1_000;
const WHOLE_MS = 1_500;
const FIRST_PAGE_BYTES = 400 * 1_024;
const FRAME_P95_MS = 34;
const ROWS_MOST = 120;

const median = (values: number[]): number => [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;

/** Notes when the page has its heading and nothing on it is awaited, twice in a row. */
async function watch(page: Page): Promise<void> {
  await page.addInitScript(() => {
    let still = 0;
    const look = () => {
      const whole = document.querySelector("h1") && !document.querySelector("[aria-busy=true]");
      still = whole ? still + 1 : 0;
      if (still === 1) (window as unknown as { whole: number }).whole = performance.now();
      if (still < 12) requestAnimationFrame(look);
      else (window as unknown as { settled: boolean }).settled = true;
    };
    requestAnimationFrame(look);
  });
}

async function measure(page: Page, path: string): Promise<{ painted: number; whole: number }> {
  await page.goto(path);
  await page.waitForFunction(() => (window as unknown as { settled?: boolean }).settled === true);
  return page.evaluate(() => ({
    painted: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
    whole: (window as unknown as { whole: number }).whole,
  }));
}

const saga = process.env.ONDOL_SAGA ?? "";
const trace = process.env.ONDOL_TRACE ?? "";
const definition = process.env.ONDOL_DEFINITION ?? "book-flight";
const service = process.env.ONDOL_SERVICE ?? "payment";

const paths = [
  ...PAGES.map(({ name, path }) => ({
    name,
    path: path.replace("unreleased-5", saga).replace("book-flight", definition).replace("payment", service),
  })),
  { name: "trace", path: `/traces/${trace}` },
];

for (const { name, path } of paths) {
  test(`${name} is there soon`, async ({ page }) => {
    test.setTimeout(120_000);
    await watch(page);
    await measure(page, path);
    const runs = [];
    for (let run = 0; run < RUNS; run += 1) runs.push(await measure(page, path));
    const painted = median(runs.map((run) => run.painted));
    const whole = median(runs.map((run) => run.whole));
    console.log(`FIGURE ${name.padEnd(14)} first contentful paint ${painted.toFixed(0).padStart(5)} ms   interactive ${whole.toFixed(0).padStart(5)} ms`);
    expect.soft(painted).toBeLessThanOrEqual(PAINTED_MS);
    expect.soft(whole).toBeLessThanOrEqual(WHOLE_MS);
  });
}

test("the first page is light", async ({ browser }) => {
  const page = await (await browser.newContext()).newPage();
  await watch(page);
  await measure(page, "/");
  const bytes = await page.evaluate(() => {
    const all = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")] as PerformanceResourceTiming[];
    return all.filter((one) => !one.name.includes("/v1/")).reduce((sum, one) => sum + one.encodedBodySize, 0);
  });
  console.log(`FIGURE first page ${(bytes / 1_024).toFixed(0)} KiB as transferred, fonts included`);
  expect(bytes).toBeLessThanOrEqual(FIRST_PAGE_BYTES);
});

test("a hundred thousand sagas scroll smoothly", async ({ page }) => {
  test.setTimeout(120_000);
  await watch(page);
  await measure(page, "/sagas");
  const frames = await page.evaluate(async () => {
    const times: number[] = [];
    const began = performance.now();
    let last = began;
    while (last - began < 6_000) {
      const now = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
      times.push(now - last);
      last = now;
      window.scrollBy(0, 120);
    }
    return times.slice(1);
  });
  const sorted = [...frames].sort((left, right) => left - right);
  const p95 = sorted[Math.floor(0.95 * sorted.length)] ?? 0;
  const rows = await page.getByRole("row").count();
  const scrolled = await page.evaluate(() => window.scrollY);
  console.log(`FIGURE scrolled ${scrolled.toFixed(0)} px in 6 s: frames p95 ${p95.toFixed(1)} ms, worst ${(sorted.at(-1) ?? 0).toFixed(0)} ms, ${rows} rows in the page`);
  expect(rows).toBeLessThanOrEqual(ROWS_MOST);
  expect(p95).toBeLessThanOrEqual(FRAME_P95_MS);
});
