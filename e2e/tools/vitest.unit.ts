// Unit, property and contract tests: everything that stands beside the code it tests.
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['{shared,server,client}/**/*.test.{ts,tsx}'],
    globalSetup: ['e2e/tools/build-server.ts'],
    testTimeout: 30_000,
    maxWorkers: 2,
  },
})
