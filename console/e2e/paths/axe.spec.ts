import AxeBuilder from "@axe-core/playwright";
import { expect, open, PAGES, prefer, test, traceOf } from "../page";

for (const theme of ["dark", "light"] as const) {
  for (const { name, path } of [...PAGES, { name: "trace", path: "" }]) {
    test(`${name} has no serious fault for assistive technology (${theme})`, async ({ page }) => {
      await prefer(page, theme, "en");
      await open(page, path || `/traces/${await traceOf(page, "unreleased-5")}`);
      const { violations } = await new AxeBuilder({ page }).analyze();
      const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
      expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`)).toEqual([]);
    });
  }
}
