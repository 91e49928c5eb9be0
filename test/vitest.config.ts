import { defineConfig } from 'vitest/config'

// Two projects: pure files in milliseconds; the real bundle in real workerd over real sqld.
export default defineConfig({
  test: {
    projects: [
      {
        test: { name: 'unit', root: '.', include: ['src/**/*.test.ts', 'migrations/**/*.test.ts'] },
      },
      {
        test: {
          name: 'integration',
          root: '.',
          include: ['test/**/*.test.ts'],
          globalSetup: ['test/support/build.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
