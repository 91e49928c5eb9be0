// Runs before each test file of real Workers.
import { afterAll, afterEach, beforeEach, expect } from 'vitest'
import { showSharedIfFailed } from './own-log.ts'
import { takeDeviations } from './recorder.ts'

beforeEach(showSharedIfFailed)

const expectDescribed = () =>
  expect(takeDeviations(), 'answers that /openapi.json does not describe').toEqual([])
afterEach(expectDescribed)
afterAll(expectDescribed)
