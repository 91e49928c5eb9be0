import { defineConfig } from 'vitest/config'
import { QuietReporter } from './support/reporter.ts'

// Pure files in milliseconds; the real bundle in real workerd over real sqld; and `proof`, the same at
// length, which `npm test` leaves out.
export default defineConfig({
  test: {
    maxWorkers: 2,
    reporters: [new QuietReporter()],
    silent: 'passed-only',
    // A line per file: no test that takes a second is worth a line of its own.
    slowTestThreshold: 600_000,
    projects: [
      {
        test: { name: 'unit', root: '.', include: ['src/**/*.test.ts', 'migrations/**/*.test.ts'] },
      },
      {
        test: {
          name: 'integration',
          root: '.',
          include: ['test/*.test.ts'],
          // No file keeps anything in a shared module; loading them anew for each takes 36 s in all.
          isolate: false,
          env: { PROOF: 'quick' },
          globalSetup: ['test/support/build.ts'],
          setupFiles: ['test/support/setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // A selection of the engine's proof, under a minute.
        test: {
          name: 'engine',
          root: '.',
          include: ['test/proof/engine/*.test.ts'],
          env: { PROOF: 'quick' },
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Whatever tells a broken engine from ours without a Worker, for test/proof/engine/mutants.ts.
        test: {
          name: 'mutants',
          root: '.',
          include: ['src/migrate/*.test.ts', 'test/proof/engine/*.test.ts', 'test/*.test.ts'],
          env: { PROOF: 'quick' },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // All of it: cases by the hundred.
        test: {
          name: 'proof',
          root: '.',
          include: ['test/proof/**/*.test.ts', 'test/engine.test.ts'],
          globalSetup: ['test/support/build.ts'],
          setupFiles: ['test/support/setup.ts'],
          testTimeout: 900_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
