import { type Page, test as base } from "@playwright/test";
import { expect, open, test } from "../page";

// These want requests to fail, so they go without the watch for complaints.
const allowed = base;

allowed("a server that is away is said, and the page recovers by itself", async ({ page }) => {
  await open(page, "/sagas");
  await page.route("**/v1/**", (route) => route.abort());
  await expect(page.getByText("Ondol does not answer.").first()).toBeVisible();
  await expect(page.getByText(/^What you see is from/)).toBeVisible();
  // What was known stays.
  await expect(page.getByRole("table", { name: /Sagas/ })).toBeVisible();
  await page.unroute("**/v1/**");
  await expect(page.getByText("Ondol does not answer.")).toHaveCount(0, { timeout: 15_000 });
});

allowed("a slow server is said", async ({ page }) => {
  await open(page, "/sagas");
  await page.route("**/v1/status", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 9_000));
    await route.continue();
  });
  await expect(page.getByText("Ondol takes long to answer.")).toBeVisible({ timeout: 15_000 });
  await page.unrouteAll({ behavior: "ignoreErrors" });
});

/** The code of a page comes ahead of it while nothing else is done; here a page must not be there yet. */
async function neverIdle(page: Page) {
  await page.addInitScript(() => {
    window.requestIdleCallback = () => 0;
  });
}

const count = (page: Page): (() => number) => {
  let documents = 0;
  page.on("request", (request) => {
    if (request.isNavigationRequest()) documents += 1;
  });
  return () => documents;
};

allowed("eight tabs of one browser all show what there is, and are live", async ({ context }) => {
  let streams = 0;
  context.on("request", (request) => {
    if (request.url().endsWith("/v1/changes")) streams += 1;
  });
  for (let tab = 0; tab < 8; tab += 1) {
    const page = await context.newPage();
    await open(page, tab % 2 ? "/sagas" : "/desk");
    await expect(page.getByText("Live", { exact: true })).toBeVisible();
  }
  expect(streams).toBe(1);
  // Who holds the stream is closed: another tab takes it over.
  await context.pages()[0]?.close();
  await expect.poll(() => streams).toBe(2);
  for (const page of context.pages()) await expect(page.getByText("Live", { exact: true })).toBeVisible();
});

allowed("a hidden tab holds no stream and asks nothing", async ({ page }) => {
  const asked: string[] = [];
  page.on("request", (request) => void asked.push(new URL(request.url()).pathname));
  await open(page, "/sagas");
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  const look = (state: "hidden" | "visible") =>
    page.evaluate((state) => {
      Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
      document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
    }, state);
  await look("hidden");
  await page.waitForTimeout(1_000);
  asked.length = 0;
  await page.waitForTimeout(4_000);
  expect(asked.filter((path) => path.startsWith("/v1/"))).toEqual([]);
  await look("visible");
  await expect.poll(() => asked).toContain("/v1/sagas");
  await expect.poll(() => asked).toContain("/v1/changes");
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
});

allowed("a page that was not seen yet opens while the server is away", async ({ page, context }) => {
  await page.addInitScript(() => {
    window.requestIdleCallback = (call) => window.setTimeout(() => call({ didTimeout: false, timeRemaining: () => 50 }), 1);
  });
  const loaded = new Set<string>();
  page.on("response", (response) => void loaded.add(new URL(response.url()).pathname));
  await open(page, "/sagas");
  await expect.poll(() => [...loaded].filter((path) => path.startsWith("/assets/waterfall")).length, { timeout: 15_000 }).toBeGreaterThan(0);
  await context.route("**/*", (route) => route.abort());
  await page.getByRole("link", { name: "Definitions" }).click();
  await expect(page.getByRole("heading", { name: "Definitions", level: 1 })).toBeVisible();
  await expect(page.getByText("Ondol does not answer.").first()).toBeVisible();
  await context.unroute("**/*");
  await expect(page.getByText("Ondol does not answer.")).toHaveCount(0, { timeout: 15_000 });
});

allowed("a page whose code is not there while the server is away says so, and comes by itself", async ({ page, context }) => {
  await neverIdle(page);
  await open(page, "/sagas");
  const documents = count(page);
  await context.route("**/*", (route) => route.abort());
  await page.getByRole("link", { name: "Definitions" }).click();
  await expect(page.getByText("This page was not loaded yet. It comes as soon as Ondol answers.")).toBeVisible();
  await expect(page.getByText("This page failed.")).toHaveCount(0);
  // The menu stays, and what was there before still opens.
  await page.getByRole("link", { name: "Sagas" }).click();
  await expect(page.getByRole("heading", { name: "Sagas", level: 1 })).toBeVisible();
  await page.getByRole("link", { name: "Definitions" }).click();
  await page.waitForTimeout(3_000);
  expect(documents()).toBe(0);
  await context.unroute("**/*");
  await expect(page.getByRole("heading", { name: "Definitions", level: 1 })).toBeVisible({ timeout: 15_000 });
  await expect(page.getByText("Ondol does not answer.")).toHaveCount(0, { timeout: 15_000 });
});

allowed("a style sheet that did not come while the server was away comes when it is back", async ({ page, context }) => {
  await neverIdle(page);
  await open(page, "/sagas");
  await context.route("**/*", (route) => route.abort());
  // The pointer rests on the link, which asks for the page's code.
  await page.getByRole("link", { name: "Definitions" }).hover();
  // Nobody may read a style sheet that failed.
  const without = () =>
    page.evaluate(() => {
      const failed = (sheet: CSSStyleSheet) => {
        try {
          return sheet.cssRules.length === 0;
        } catch {
          return true;
        }
      };
      return [...document.styleSheets].filter(failed).length;
    });
  await expect.poll(without).toBeGreaterThan(0);
  await context.unroute("**/*");
  await page.getByRole("link", { name: "Definitions" }).click();
  await expect(page.getByRole("heading", { name: "Definitions", level: 1 })).toBeVisible();
  await expect.poll(without).toBe(0);
});

allowed("after an upgrade, when the old names are gone, a page is loaded anew", async ({ page, context }) => {
  await neverIdle(page);
  await open(page, "/sagas");
  const documents = count(page);
  await context.route("**/assets/**", (route) => (documents() > 0 ? route.continue() : route.fulfill({ status: 404 })));
  await page.getByRole("link", { name: "Definitions" }).click();
  await expect(page.getByRole("heading", { name: "Definitions", level: 1 })).toBeVisible();
  expect(documents()).toBe(1);
  await context.unrouteAll({ behavior: "ignoreErrors" });
});

allowed("a page whose code is broken for good says so, and is not loaded again and again", async ({ page, context }) => {
  await neverIdle(page);
  await open(page, "/sagas");
  const documents = count(page);
  await context.route("**/assets/page-*.js", (route) => route.fulfill({ status: 404 }));
  await page.getByRole("link", { name: "Definitions" }).click();
  await expect(page.getByText("This page failed.")).toBeVisible();
  await page.waitForTimeout(4_000);
  expect(documents()).toBe(1);
  await context.unrouteAll({ behavior: "ignoreErrors" });
});

const guarded = process.env.ONDOL_GUARDED_URL;
const secret = process.env.ONDOL_GUARDED_TOKEN ?? "";

allowed("a server with a token asks for it, and says when it is wrong", async ({ page }) => {
  allowed.skip(!guarded, "no server with a token was started");
  await page.goto(`${guarded}/`);
  await expect(page.getByText("This server wants a token.").first()).toBeVisible();
  await page.getByLabel("Token").fill("wrong");
  await page.getByRole("button", { name: "Use it" }).click();
  await expect(page.getByText("The server did not take this token.")).toBeVisible();
  await page.getByLabel("Token").fill(secret);
  await page.getByRole("button", { name: "Use it" }).click();
  await expect(page.getByText("Nothing has run here yet")).toBeVisible();
});

test("an empty server says on every page what to do", async ({ page }) => {
  test.skip(!guarded, "no empty server was started");
  await page.addInitScript((token) => sessionStorage.setItem("ondol-token", token), secret);
  for (const [path, said] of [
    ["/", "Nothing has run here yet"],
    ["/sagas", "No saga yet"],
    ["/desk", "Nothing needs a person"],
    ["/desk?tab=batches", "No batch yet"],
    ["/desk?tab=audit", "Nobody has acted yet"],
    ["/traces", "No trace in this time"],
    ["/logs", /^No log/],
    ["/map", "Nothing called anything in this time"],
    ["/services", "There are no services yet."],
    ["/definitions", "There are no definitions yet."],
  ] as const) {
    await open(page, `${guarded}${path}`);
    await expect(page.getByText(said).first()).toBeVisible();
  }
});

test("an address that is none, and a saga that is none, are said", async ({ page, complaints }) => {
  await page.goto("/nowhere/at/all");
  await expect(page.getByRole("heading", { name: "No such page" })).toBeVisible();
  await page.goto("/sagas/no-such-saga");
  await expect(page.getByText("There is no such thing here.")).toBeVisible();
  // The saga's 404 is what was asked for.
  complaints.length = 0;
});
