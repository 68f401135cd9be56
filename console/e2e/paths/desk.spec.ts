import { expect, open, test } from "../page";

test("a parked saga is repaired from the desk, with a preview, a note and a name", async ({ page }) => {
  await open(page, "/desk");
  await page.getByRole("link", { name: /undoing hold-seat at flight/ }).click();
  await page.getByRole("checkbox", { name: "Select unreleased-0" }).check();
  await page.getByRole("button", { name: "Vouch: not needed" }).click();
  const dialog = page.getByRole("dialog");
  // Nothing can be done before it is said why.
  await expect(dialog.getByRole("button", { name: "Vouch: not needed" })).toBeDisabled();
  await dialog.getByLabel("Why").fill("Released by hand at the airline");
  await dialog.getByLabel("Your name").fill("Mina");
  await expect(dialog.getByRole("region", { name: "What it would cause" })).toContainText("everything is undone");
  await dialog.getByRole("button", { name: "Vouch: not needed" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("link", { name: "unreleased-0" })).toBeHidden();
  await open(page, "/sagas/unreleased-0");
  await expect(page.getByText("compensated", { exact: true }).first()).toBeVisible();
  await expect(page.getByRole("region", { name: "Vouched for by a person" })).toContainText("Released by hand at the airline");
});

test("many are repaired at once, at a rate, and it is seen who did it", async ({ page }) => {
  await open(page, "/desk");
  await page.getByRole("link", { name: /confirm at reservation/ }).click();
  await page.getByRole("checkbox", { name: /All 3 with this cause/ }).check();
  await page.getByRole("button", { name: "Vouch: done" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Why").fill("Confirmed on the phone");
  await dialog.getByLabel("Your name").fill("Joon");
  await dialog.getByLabel("Sagas a second").fill("50");
  await expect(dialog).toContainText("3 sagas match now");
  await expect(dialog.getByRole("region", { name: "What it would cause" })).toContainText("a person vouched for confirm");
  await dialog.getByRole("button", { name: "Begin" }).click();
  const batches = page.getByRole("region", { name: "Batches" });
  await expect(batches).toContainText("Acted 3");
  await page.getByRole("tab", { name: "Who did what" }).click();
  const audit = page.getByRole("region", { name: "Who did what" });
  await expect(audit).toContainText("Joon");
  await expect(audit).toContainText("Confirmed on the phone");
  await expect(audit).toContainText("Mina");
});
