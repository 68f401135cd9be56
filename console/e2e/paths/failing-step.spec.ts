import { expect, open, test } from "../page";

test("from Home to the failing step of a failed booking in at most three clicks", async ({ page }) => {
  await open(page, "/");
  // Two clicks: all that failed, and the booking. Of the newest ones it would be one. Its page begins with the failing step.
  await page.getByRole("region", { name: "Newest failures" }).getByRole("link", { name: "All that failed" }).click();
  await page.getByRole("link", { name: /^declined-/ }).first().click();
  const failing = page.getByRole("region", { name: "Where it failed" });
  await expect(failing).toContainText("pay");
  await expect(failing).toContainText("payment");
  await expect(failing).toContainText("100 are needed");
});

test("from Home to what keeps sagas parked", async ({ page }) => {
  await open(page, "/");
  await page.getByRole("region", { name: "Needs a person" }).getByRole("link", { name: /undoing hold-seat at flight/ }).click();
  await expect(page.getByRole("heading", { name: "undoing hold-seat at flight" })).toBeVisible();
  await page.getByRole("link", { name: "unreleased-5" }).click();
  await expect(page.getByRole("region", { name: "Step hold-seat" })).toContainText("The service refused it three times in a row.");
});
