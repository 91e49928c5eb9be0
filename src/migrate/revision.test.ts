import { expect, test } from 'vitest'
import { contentHashOf, readRevision, splitStatements } from './revision.ts'

const BREAK = '\n--> statement-breakpoint\n'

test('a file is split at its breakpoints, and empty pieces vanish', () => {
  const text = `CREATE TABLE a (x);${BREAK}-- only a comment${BREAK}INSERT INTO a VALUES ('one; two -- three');\n`
  expect(splitStatements('t', text)).toEqual([
    'CREATE TABLE a (x);',
    "INSERT INTO a VALUES ('one; two -- three');",
  ])
})

test.each([
  ['two statements without a breakpoint', 'CREATE TABLE a (x); CREATE TABLE b (x);'],
  ['a second statement behind a comment', 'CREATE TABLE a (x); -- and\nDROP TABLE a'],
  ['BEGIN', 'BEGIN'],
  ['COMMIT behind a comment', '/* now */ commit;'],
  ['ROLLBACK', 'ROLLBACK'],
  ['a pragma', 'PRAGMA foreign_keys=OFF;'],
  ['nothing at all', '-- nothing'],
])('%s is refused, by the name of the file', (_, text) => {
  expect(() => splitStatements('0009_x', text)).toThrow(/0009_x/)
})

test.each([
  ["INSERT INTO a VALUES ('BEGIN; COMMIT')"],
  ['CREATE TABLE "a;b" (x)'],
  ["CREATE TRIGGER t BEFORE DELETE ON a BEGIN SELECT RAISE(ABORT, 'no'); END;"],
  ['WITH x AS (SELECT 1 - 1) SELECT * FROM x'],
])('%s is one statement', (text) => {
  expect(splitStatements('t', text)).toEqual([text])
})

test('the hash is of the whole text, the content hash only of what runs', () => {
  const one = readRevision('t', 'CREATE TABLE a (x);')
  const commented = readRevision('t', '-- why\r\nCREATE   TABLE a (x);\r\n')
  const other = readRevision('t', 'CREATE TABLE a (y);')
  expect(one.hash).toBe('5d4dfde3b9ddf0a46b24120bb95e8ec12aaf6782f4c94912c492152df44fac27')
  expect(one.hash).not.toBe(commented.hash)
  expect(contentHashOf(one)).toBe(contentHashOf(commented))
  expect(contentHashOf(one)).not.toBe(contentHashOf(other))
})

test('white space inside a string is content', () => {
  const [a, b] = ["INSERT INTO a VALUES ('x  y')", "INSERT INTO a VALUES ('x y')"].map((text) =>
    contentHashOf(readRevision('t', text)),
  )
  expect(a).not.toBe(b)
})

test.each([
  ['DROP TABLE `flow`;', 'drops table flow'],
  ['ALTER TABLE `flow` DROP COLUMN `data`;', 'drops column flow.data'],
  ['CREATE TABLE `__new_flow` (id);', 'rebuilds table flow'],
])('%s needs an acknowledgement in the file', (text, label) => {
  expect(() => readRevision('0009_x', text)).toThrow(label)
  const acknowledged = readRevision('0009_x', `-- flowgate:acknowledge nobody uses it\n${text}`)
  expect(acknowledged.destructive).toEqual([label])
})

test('a revision says itself whether older code may serve after it', () => {
  expect(readRevision('t', 'CREATE TABLE a (x);').breaks).toBe(false)
  expect(readRevision('t', '-- flowgate:breaks\nCREATE TABLE a (x);').breaks).toBe(true)
})
