// What of a table is shown, and how: found, sorted, its columns as wide as what they hold. Pure.
import type { Table, TableColumn, TableRow } from '../../live/kube/table.ts'
import { rowKey } from '../../live/kube/table.ts'

export interface ShownColumn {
  name: string
  /** Place of its cell in a row; 'namespace' for the column the API leaves to whoever asks. */
  cell: number | 'namespace'
  /** In characters, of the widest cell. */
  width: number
}

export interface Order {
  column: string
  isDescending: boolean
}

const NARROWEST = 6
const WIDEST = 44
/** How many rows are looked at for the widths: all of a small cluster's, a sample of a large one's. */
const SAMPLE = 500

/** Columns of a table: the important ones, all of them when `isWide`, the namespace in front when `isOfAll`. */
export function columnsOf(
  { columnDefinitions, rows }: Table,
  options: { isWide: boolean; isOfAll: boolean },
): ShownColumn[] {
  const sample = rows.slice(0, SAMPLE)
  const shown: ShownColumn[] = []
  columnDefinitions.forEach(({ name, priority }, cell) => {
    if (priority > 0 && !options.isWide) return
    shown.push({ name, cell, width: widthOf(name, sample, cell) })
    if (shown.length === 1 && options.isOfAll) {
      const width = widthOf('Namespace', sample, 'namespace')
      shown.push({ name: 'Namespace', cell: 'namespace', width })
    }
  })
  return shown
}

function widthOf(name: string, rows: readonly TableRow[], cell: ShownColumn['cell']): number {
  const longest = rows.reduce(
    (most, row) => Math.max(most, textOf(row, cell).length),
    name.length + 1,
  )
  return Math.min(WIDEST, Math.max(NARROWEST, longest))
}

/** Whether the API has more columns than the important ones. */
export function hasMoreColumns(columns: readonly TableColumn[]): boolean {
  return columns.some(({ priority }) => priority > 0)
}

/** A cell in words: what the API wrote. */
export function textOf(row: TableRow, cell: ShownColumn['cell']): string {
  if (cell === 'namespace') return row.object.metadata.namespace ?? ''
  const value = row.cells[cell]
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Those rows that contain every word of `find`, in a cell, their namespace or a label (`app=web`), in any case. */
export function found(rows: readonly TableRow[], find: string): readonly TableRow[] {
  const words = find.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return rows
  return rows.filter((row) => {
    const text = everythingOf(row)
    return words.every((word) => text.includes(word))
  })
}

function everythingOf(row: TableRow): string {
  const { namespace = '', labels = {} } = row.object.metadata
  const labelTexts = Object.entries(labels).map(([name, value]) => `${name}=${value}`)
  const cells = row.cells.map((_, at) => textOf(row, at))
  return [namespace, ...cells, ...labelTexts].join('\n').toLowerCase()
}

const COLLATOR = new Intl.Collator('en', { numeric: true })

/** By that column, numbers in words as numbers; without an order by namespace and name. */
export function sorted(
  rows: readonly TableRow[],
  columns: readonly ShownColumn[],
  order: Order | null,
): TableRow[] {
  const column = columns.find(({ name }) => name === order?.column)
  const keyed = rows.map((row) => ({
    row,
    key: column ? sortKey(row, column) : '',
    name: rowKey(row),
  }))
  const sign = order?.isDescending ? -1 : 1
  keyed.sort((a, b) => sign * COLLATOR.compare(a.key, b.key) || COLLATOR.compare(a.name, b.name))
  return keyed.map(({ row }) => row)
}

function sortKey(row: TableRow, { name, cell }: ShownColumn): string {
  if (name !== 'Age') return textOf(row, cell)
  // Youngest first: the newest moment has the smallest key.
  return String(9e15 - Date.parse(row.object.metadata.creationTimestamp ?? ''))
}

const TROUBLE = /BackOff|^Err|Error|Failed|OOMKilled|Evicted|NotReady|Unknown|Lost|^Warning$/
const TOLD_OF_TROUBLE = new Set(['Status', 'Phase', 'Type', 'Reason'])

/** Whether a cell says that something is broken; nothing else is red. */
export function isTrouble(column: string, text: string): boolean {
  return TOLD_OF_TROUBLE.has(column) && TROUBLE.test(text)
}

const MINUTE = 60
const HOUR = 3_600
const DAY = 86_400
const YEAR = 365 * DAY

/** An age as kubectl writes it: at most two units (k8s.io/apimachinery/pkg/util/duration HumanDuration). */
export function ageText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const whole = (unit: number): number => Math.floor(seconds / unit)
  const and = (rest: number, unit: string): string => (rest === 0 ? '' : `${rest}${unit}`)
  if (seconds < 2 * MINUTE) return `${seconds}s`
  if (seconds < 10 * MINUTE) return `${whole(MINUTE)}m${and(seconds % MINUTE, 's')}`
  if (seconds < 3 * HOUR) return `${whole(MINUTE)}m`
  if (seconds < 8 * HOUR) return `${whole(HOUR)}h${and(whole(MINUTE) % 60, 'm')}`
  if (seconds < 2 * DAY) return `${whole(HOUR)}h`
  if (seconds < 8 * DAY) return `${whole(DAY)}d${and(whole(HOUR) % 24, 'h')}`
  if (seconds < 2 * YEAR) return `${whole(DAY)}d`
  if (seconds < 8 * YEAR) return `${whole(YEAR)}y${and(whole(DAY) % 365, 'd')}`
  return `${whole(YEAR)}y`
}
