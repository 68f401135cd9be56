import { expect, open, test } from "../page";

test("from a log line to its trace to its saga", async ({ page }) => {
  await open(page, "/logs?q=nothing%20was%20charged");
  await page.getByRole("table").getByText("nothing was charged").first().click();
  await page.getByRole("region", { name: "Log line" }).getByRole("link", { name: /^[0-9a-f]{32}$/ }).click();
  await expect(page).toHaveURL(/\/traces\/[0-9a-f]{32}/);
  await page.getByRole("main").getByRole("link", { name: /^(declined|unreleased)-/ }).first().click();
  await expect(page).toHaveURL(/\/sagas\/(declined|unreleased)-/);
  await expect(page.getByRole("region", { name: "Where it failed" })).toBeVisible();
});

test("lines come in while one watches", async ({ page }) => {
  await open(page, "/logs?live=true");
  const answer = page.waitForResponse((response) => response.url().includes("/logs/tail"));
  await page.reload();
  await answer;
  const id = `tailed-${Date.now()}`;
  const input = { token: "user-01-token", flight: "KE902", seat: `9${id.slice(-5)}`, price: 100 };
  await page.request.post("/v1/sagas", { data: { definition: "book-flight", id, input } });
  await expect(page.getByRole("table").getByText(id).first()).toBeVisible();
});
