import { expect, test } from 'vitest'
import type { Row } from '../db/client.ts'
import { stringify } from '../graph.ts'
import { toFlowHeader, toFlowRead, toPage } from './view.ts'

const row = {
  id: '0123456789abcdef0123456789abcdef',
  name: 'n',
  description: null,
  icon: null,
  icon_bg_color: null,
  gradient: null,
  data: '{"nodes":[],"edges":[]}',
  is_component: 0,
  updated_at: '2026-01-31 12:00:00.123456',
  webhook: 1,
  endpoint_name: null,
  tags: '["a"]',
  locked: null,
  mcp_enabled: 0,
  action_name: null,
  action_description: null,
  access_type: 'PRIVATE',
  user_id: null,
  folder_id: '01234567-89ab-cdef-0123-456789abcdef',
  fs_path: '/secret',
} as unknown as Row

test('a flow is shown with dashed ids, time to the second with offset, and never its path', () => {
  const flow = JSON.parse(stringify(toFlowRead(row)))
  expect(flow).toMatchObject({
    id: '01234567-89ab-cdef-0123-456789abcdef',
    folder_id: '01234567-89ab-cdef-0123-456789abcdef',
    user_id: null,
    updated_at: '2026-01-31T12:00:00+00:00',
    data: { nodes: [], edges: [] },
    tags: ['a'],
    webhook: true,
    locked: false,
  })
  expect(Object.keys(flow)).toHaveLength(20)
  expect(JSON.stringify(flow)).not.toContain('secret')
})

test('a graph stored as the text null, as SQL NULL or as garbage is null', () => {
  for (const data of ['null', null, '{'])
    expect(toFlowRead({ ...row, data } as unknown as Row).data).toBeNull()
})

test('a header has the twelve fields of the contract and its tag', () => {
  expect(Object.keys(toFlowHeader(row))).toHaveLength(13)
})

test.each([
  [0, 0],
  [1, 1],
  [50, 1],
  [51, 2],
])('%i flows make %i pages of 50', (total, pages) => {
  expect(toPage([], total, { page: 7, size: 50 })).toEqual({
    items: [],
    total,
    page: 7,
    size: 50,
    pages,
  })
})
