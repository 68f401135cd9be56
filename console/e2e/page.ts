import { test as base, expect, type Page } from "@playwright/test";

/** A page that must not complain: an error on the console, an exception or a failed request fails the test. */
export const test = base.extend<{ complaints: string[] }>({
  complaints: [
    async ({ page }, use) => {
      const complaints: string[] = [];
      page.on("console", (message) => {
        if (message.type() === "error") complaints.push(`console: ${message.text()}`);
      });
      page.on("pageerror", (error) => complaints.push(`exception: ${error.message}`));
      page.on("response", (response) => {
        if (response.status() >= 400) complaints.push(`${response.status()}: ${response.url()}`);
      });
      await use(complaints);
      expect(complaints).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** The pages, with something that is there when each is whole. */
export const PAGES = [
  { name: "home", path: "/" },
  { name: "sagas", path: "/sagas" },
  { name: "saga", path: "/sagas/unreleased-5" },
  { name: "saga-trace", path: "/sagas/unreleased-5?view=trace" },
  { name: "saga-journal", path: "/sagas/unreleased-5?view=events" },
  { name: "desk", path: "/desk" },
  { name: "desk-batches", path: "/desk?tab=batches" },
  { name: "desk-audit", path: "/desk?tab=audit" },
  { name: "traces", path: "/traces" },
  { name: "map", path: "/map" },
  { name: "logs", path: "/logs" },
  { name: "logs-templates", path: "/logs?tab=templates" },
  { name: "services", path: "/services" },
  { name: "service", path: "/services/payment" },
  { name: "definitions", path: "/definitions" },
  { name: "definition", path: "/definitions/book-flight" },
  { name: "definition-start", path: "/definitions/book-flight?start=true" },
] as const;

/** Opens a page and waits until nothing on it is awaited any more. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await whole(page);
}

export async function whole(page: Page): Promise<void> {
  // An open drawer hides the page behind it from whoever asks by role.
  await expect(page.locator("h1").first()).toBeVisible();
  await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
}

/** The trace of a saga, as the server knows it. */
export async function traceOf(page: Page, saga: string): Promise<string> {
  const answer = await page.request.get(`/v1/sagas/${saga}`);
  return ((await answer.json()) as { trace_id: string }).trace_id;
}

/** Theme and language as a person would have chosen them before. */
export async function prefer(page: Page, theme: "dark" | "light", language: "en" | "ko"): Promise<void> {
  await page.addInitScript(
    ([theme, language]) => {
      localStorage.setItem("mantine-color-scheme-value", theme as string);
      localStorage.setItem("ondol-language", language as string);
    },
    [theme, language],
  );
}
