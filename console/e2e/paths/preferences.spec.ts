import { expect, open, test } from "../page";

test("theme and language are switched, and stay", async ({ page }) => {
  await open(page, "/sagas");
  const html = page.locator("html");
  await expect(html).toHaveAttribute("data-mantine-color-scheme", "dark");
  await page.getByRole("button", { name: "Switch to the light theme" }).click();
  await expect(html).toHaveAttribute("data-mantine-color-scheme", "light");
  await page.getByRole("button", { name: /한국어/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: "사가" })).toBeVisible();
  await expect(html).toHaveAttribute("lang", "ko");
  await page.reload();
  await expect(page.getByRole("heading", { level: 1, name: "사가" })).toBeVisible();
  await expect(html).toHaveAttribute("data-mantine-color-scheme", "light");
});
