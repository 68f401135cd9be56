import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, open, PAGES, prefer, test, traceOf } from "../page";

for (const theme of ["dark", "light"] as const) {
  for (const { name, path } of [...PAGES, { name: "trace", path: "" }]) {
    test(`${name} has no serious fault for assistive technology (${theme})`, async ({ page }) => {
      await prefer(page, theme, "en");
      await open(page, path || `/traces/${await traceOf(page, "unreleased-5")}`);
      expect(await serious(page)).toEqual([]);
    });
  }
}

test("a verb's dialog has no serious fault either", async ({ page }) => {
  await open(page, "/sagas/unreleased-5");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("region", { name: "What it would cause" })).toBeVisible();
  expect(await serious(page)).toEqual([]);
});

test("the sagas of a cause, chosen, have no serious fault", async ({ page }) => {
  await open(page, "/desk");
  await page.getByRole("link", { name: /undoing hold-seat at flight/ }).click();
  await page.getByRole("checkbox", { name: /with this cause/ }).check();
  await expect(page.getByRole("button", { name: "Try again" })).toBeVisible();
  expect(await serious(page)).toEqual([]);
});

/** What axe finds serious or critical, each with its place. */
async function serious(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
}
