import { expect, open, PAGES, test, traceOf } from "../page";

for (const { name, path } of [...PAGES, { name: "trace", path: "" }]) {
  test(`${name} fits a narrow screen`, async ({ page }) => {
    await page.setViewportSize({ width: 380, height: 800 });
    await open(page, path || `/traces/${await traceOf(page, "unreleased-5")}`);
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(beyond).toBeLessThanOrEqual(0);
  });
}
