import { defineConfig } from 'vitest/config'

// Pure files in milliseconds; the real bundle in real workerd over real sqld; and `proof`, the same at
// length, which `npm test` leaves out.
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
          include: ['test/*.test.ts'],
          globalSetup: ['test/support/build.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'proof',
          root: '.',
          include: ['test/proof/**/*.test.ts'],
          globalSetup: ['test/support/build.ts'],
          testTimeout: 600_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
