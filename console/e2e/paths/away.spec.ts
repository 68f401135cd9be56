import { test as base } from "@playwright/test";
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
