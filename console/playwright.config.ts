import { defineConfig } from "@playwright/test";

// `cargo xtask console test` starts the airline, and the binary whose console is tested; `ONDOL_URL` says where.
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export default defineConfig({
  testDir: "e2e",
  // One stage for all: tests that repair something would be in each other's way.
  workers: 1,
  retries: 0,
  timeout: 45_000,
  expect: { timeout: 10_000 },
  reporter: [["list"]],
  outputDir: "test-results",
  use: {
    baseURL: process.env.ONDOL_URL ?? "http://127.0.0.1:7070",
    viewport: { width: 1440, height: 900 },
    locale: "en-US",
    colorScheme: "dark",
    trace: "retain-on-failure",
    launchOptions: { executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS },
  },
  projects: [
    { name: "paths", testMatch: "paths/*.spec.ts" },
    { name: "screenshots", testMatch: "screenshots.spec.ts" },
    { name: "speed", testMatch: "speed.spec.ts" },
  ],
});
