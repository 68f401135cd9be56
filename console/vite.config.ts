import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// `npm run dev` serves the pages and asks a running Ondol for everything else.
const server = process.env.ONDOL_URL ?? "http://127.0.0.1:7070";

export default defineConfig({
  plugins: [react()],
  // Nothing is put into other files: the policy of the pages lets files come from the server only.
  // A folder of its own below `dist`, which is in the tree so that the server's build can watch it.
  build: { outDir: "dist/app", emptyOutDir: true, target: "es2022", chunkSizeWarningLimit: 1600, assetsInlineLimit: 0 },
  // Pure functions; what needs a browser is in `e2e`.
  test: { include: ["src/**/*.test.ts"] },
  server: {
    host: "127.0.0.1",
    // The server refuses pages of other origins, so the proxy speaks as if it were none.
    proxy: Object.fromEntries(
      ["/v1", "/docs"].map((path) => [
        path,
        {
          target: server,
          changeOrigin: true,
          configure: (proxy) => proxy.on("proxyReq", (request) => request.removeHeader("origin")),
        },
      ]),
    ),
  },
});
