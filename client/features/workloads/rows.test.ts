import { expect, it } from 'vitest'
import type { Table, TableRow } from '../../live/kube/table.ts'
import { ageText, columnsOf, found, isTrouble, sorted } from './rows.ts'

function row(name: string, cells: unknown[], labels: Record<string, string> = {}): TableRow {
  return { cells: [name, ...cells], object: { metadata: { name, namespace: 'shop', labels } } }
}

const TABLE: Table = {
  metadata: {},
  columnDefinitions: [
    { name: 'Name', type: 'string', priority: 0 },
    { name: 'Restarts', type: 'integer', priority: 0 },
    { name: 'Node', type: 'string', priority: 1 },
  ],
  rows: [
    row('b', [10, 'node-1'], { app: 'web' }),
    row('a', [9, 'node-2']),
    row('c', [9, '<none>']),
  ],
}

const names = (rows: readonly TableRow[]) => rows.map(({ cells }) => cells[0])

it('shows the namespace of all, and less important columns on demand', () => {
  const shown = (isWide: boolean, isOfAll: boolean) =>
    columnsOf(TABLE, { isWide, isOfAll }).map(({ name }) => name)
  expect(shown(false, false)).toEqual(['Name', 'Restarts'])
  expect(shown(true, true)).toEqual(['Name', 'Namespace', 'Restarts', 'Node'])
})

it('finds every word in cells, namespace and labels', () => {
  expect(names(found(TABLE.rows, 'NODE-1 shop'))).toEqual(['b'])
  expect(names(found(TABLE.rows, 'app=web'))).toEqual(['b'])
  expect(names(found(TABLE.rows, 'node-1 node-2'))).toEqual([])
})

it('sorts numbers as numbers, ties by name, and by name without an order', () => {
  const columns = columnsOf(TABLE, { isWide: false, isOfAll: false })
  const by = (order: Parameters<typeof sorted>[2]) => names(sorted(TABLE.rows, columns, order))
  expect(by(null)).toEqual(['a', 'b', 'c'])
  expect(by({ column: 'Restarts', isDescending: false })).toEqual(['a', 'c', 'b'])
  expect(by({ column: 'Restarts', isDescending: true })).toEqual(['b', 'a', 'c'])
})

it('is red for what is broken only', () => {
  expect(isTrouble('Status', 'CrashLoopBackOff')).toBe(true)
  expect(isTrouble('Status', 'Running')).toBe(false)
  expect(isTrouble('Name', 'Error')).toBe(false)
})

it.each([
  [0, '0s'],
  [119, '119s'],
  [120, '2m'],
  [125, '2m5s'],
  [700, '11m'],
  [3 * 3600 + 60, '3h1m'],
  [30 * 3600, '30h'],
  [3 * 86400 + 7200, '3d2h'],
  [400 * 86400, '400d'],
])('writes an age of %d s as kubectl does', (seconds, text) => {
  expect(ageText(seconds * 1000)).toBe(text)
})
