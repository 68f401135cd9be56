import { expect, open, test } from "../page";

test("a saga is found, opened and acted upon by keyboard alone", async ({ page }) => {
  await open(page, "/");
  await page.keyboard.press("/");
  await expect(page.getByRole("textbox", { name: /Go to a saga/ })).toBeFocused();
  await page.keyboard.type("unreleased-2");
  await expect(page.getByRole("option", { name: /unreleased-2/ })).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "unreleased-2" })).toBeVisible();
  await tabTo(page, () => page.getByRole("button", { name: "Try again" }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toBeVisible();
  await expect(page.getByRole("dialog").getByLabel("Why")).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
});

test("what is first reached skips the menu", async ({ page }) => {
  await open(page, "/sagas");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await tabTo(page, () => page.getByRole("button", { name: /^running/ }), 5);
});

test("a verb that is not allowed says why when it is focused", async ({ page }) => {
  await open(page, "/sagas/unreleased-5");
  await page.getByRole("button", { name: "Turn back" }).focus();
  await expect(page.getByRole("tooltip")).toBeVisible();
});

/** Presses Tab until something has the focus. */
async function tabTo(page: import("@playwright/test").Page, what: () => import("@playwright/test").Locator, most = 60) {
  for (let pressed = 0; pressed < most; pressed += 1) {
    if (await what().evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  await expect(what()).toBeFocused();
}
