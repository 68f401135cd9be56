import { test } from "@playwright/test";
import { open, PAGES, prefer, traceOf } from "./page";

// Every page in both themes and at two widths; Korean once, for its type. They are looked at, not compared.
const FOLDER = process.env.SCREENSHOTS ?? "screenshots";

for (const theme of ["dark", "light"] as const) {
  for (const width of [1440, 380] as const) {
    for (const { name, path } of [...PAGES, { name: "trace", path: "" }]) {
      test(`${name} ${theme} ${width}`, async ({ page }) => {
        await shoot(page, theme, width, "en", path, `${name}-${theme}-${width}`);
      });
    }
  }
}

for (const { name, path } of PAGES) {
  test(`${name} in Korean`, async ({ page }) => {
    await shoot(page, "light", 1440, "ko", path, `${name}-ko`);
  });
}

async function shoot(page: import("@playwright/test").Page, theme: "dark" | "light", width: number, language: "en" | "ko", path: string, name: string) {
  await page.setViewportSize({ width, height: width === 380 ? 820 : 900 });
  await prefer(page, theme, language);
  await open(page, path || `/traces/${await traceOf(page, "unreleased-5")}`);
  // Drawn graphs fade in.
  await page.waitForTimeout(900);
  await page.screenshot({ path: `${FOLDER}/${name}.png` });
}
