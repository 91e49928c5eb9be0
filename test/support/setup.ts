// Runs before each test file of real Workers.
import { beforeEach } from 'vitest'
import { showSharedIfFailed } from './own-log.ts'

beforeEach(showSharedIfFailed)
