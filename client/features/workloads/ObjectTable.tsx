import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, useState } from 'react'
import type { CSSProperties, KeyboardEvent } from 'react'
import type { TableRow } from '../../live/kube/table.ts'
import { rowKey } from '../../live/kube/table.ts'
import { Row } from './Row.tsx'
import type { RowDoings } from './Row.tsx'
import type { Order, ShownColumn } from './rows.ts'
import css from './ObjectTable.module.css'

const ROW_PX = 40
const BEYOND = 12

/** Most letters are narrower than a digit, which `ch` is; two are the gap. */
const charsOf = (width: number): number => width * 0.9 + 2

interface Props {
  label: string
  columns: readonly ShownColumn[]
  rows: readonly TableRow[]
  order: Order | null
  onOrder: (order: Order | null) => void
  /** `namespace/name` of what is looked into. */
  inspected: string | null
  isStale: boolean
  doings: RowDoings
}

/**
 * Rows and columns, of which only those in sight are on the page. One row is in the tab order; arrow keys go from row
 * to row (https://www.w3.org/WAI/ARIA/apg/patterns/grid/).
 */
export function ObjectTable({
  label,
  columns,
  rows,
  order,
  onOrder,
  inspected,
  isStale,
  doings,
}: Props) {
  const scroller = useRef<HTMLDivElement>(null)
  // It is read here alone, at every render: nothing is remembered of it.
  // oxlint-disable-next-line react/incompatible-library
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (at) => rowKey(rows[at]!),
    overscan: BEYOND,
  })
  const { active, onKeyDown, setActive } = useActiveRow(scroller, rows, (at) =>
    virtual.scrollToIndex(at),
  )
  const style = {
    '--columns': columns.map(({ width }) => `minmax(${charsOf(width)}ch, ${width}fr)`).join(' '),
    '--least': columns.reduce((sum, { width }) => sum + charsOf(width), 0),
  } as CSSProperties
  return (
    <div
      ref={scroller}
      className={css.scroller}
      role="grid"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      aria-readonly="true"
      data-stale={isStale}
      style={style}
      onKeyDown={onKeyDown}
    >
      <Header columns={columns} order={order} onOrder={onOrder} />
      <div role="rowgroup" className={css.body} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, key, start }) => {
          const row = rows[index]!
          return (
            <Row
              key={key}
              measure={virtual.measureElement}
              index={index}
              start={start}
              row={row}
              columns={columns}
              isActive={index === active}
              isInspected={rowKey(row) === inspected}
              onActive={() => setActive(rowKey(row))}
              doings={doings}
            />
          )
        })}
      </div>
    </div>
  )
}

const STEPS: Record<string, (at: number, last: number) => number> = {
  ArrowDown: (at, last) => Math.min(at + 1, last),
  ArrowUp: (at) => Math.max(at - 1, 0),
  Home: () => 0,
  End: (_, last) => last,
}

/** The row that has the keyboard; it is named, so that it stays the same when rows come and go. */
function useActiveRow(
  scroller: React.RefObject<HTMLDivElement | null>,
  rows: readonly TableRow[],
  scrollTo: (at: number) => void,
) {
  const [name, setActive] = useState<string | null>(null)
  const wanted = useRef<number | null>(null)
  const held = name === null ? -1 : rows.findIndex((row) => rowKey(row) === name)
  const active = Math.max(0, held)
  useEffect(() => {
    // A row far away is on the page only after the scrolling.
    if (wanted.current === null) return
    const row = scroller.current?.querySelector<HTMLElement>(`[data-index="${wanted.current}"]`)
    if (!row) return
    row.focus()
    wanted.current = null
  })
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = STEPS[event.key]
    const target = event.target as HTMLElement
    if (!step || rows.length === 0 || !target.closest('[data-index]')) return
    event.preventDefault()
    const next = step(active, rows.length - 1)
    setActive(rowKey(rows[next]!))
    scrollTo(next)
    wanted.current = next
  }
  return { active, onKeyDown, setActive }
}

function Header({ columns, order, onOrder }: Pick<Props, 'columns' | 'order' | 'onOrder'>) {
  const turn = (name: string): void => {
    if (order?.column !== name) onOrder({ column: name, isDescending: false })
    else onOrder(order.isDescending ? null : { column: name, isDescending: true })
  }
  return (
    <div role="rowgroup" className={css.head}>
      <div role="row" className={css.row} aria-rowindex={1}>
        {columns.map(({ name }) => {
          const direction =
            order?.column === name ? (order.isDescending ? 'descending' : 'ascending') : 'none'
          return (
            <div key={name} role="columnheader" aria-sort={direction} className={css.cell}>
              <button type="button" onClick={() => turn(name)}>
                {name}
                <span aria-hidden="true">{ARROWS[direction]}</span>
              </button>
            </div>
          )
        })}
        <div role="columnheader" className={css.actions}>
          <span className={css.unseen}>Actions</span>
        </div>
      </div>
    </div>
  )
}

const ARROWS = { none: '', ascending: '↑', descending: '↓' }
