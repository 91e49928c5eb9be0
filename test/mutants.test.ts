// What the proof breaks is still there to be broken: an edit whose text has moved would be noticed an hour later.
import { expect, test } from 'vitest'
import { mutants as rule } from './proof/mutants.ts'
import { mutants as rights } from './proof/rights-mutants.ts'
import { edited } from './support/mutant.ts'

test.each([...rule, ...rights])('$name', ({ edits }) => {
  expect(() => edited(edits)).not.toThrow()
})
