import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Two files at once: the tests start real servers, and the machine of CI has two processors.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 600_000,
    // Real servers on a shared machine: in CI a test that fails is tried once more, and the report marks it (retry x1) so that it gets mended.
    retry: process.env["CI"] === "true" ? 1 : 0,
  },
});
