import { stageNow } from '../../live/live.ts'
import type { TableRow } from '../../live/kube/table.ts'
import { Button } from '../../ui/Button.tsx'
import { ageText, isTrouble, textOf } from './rows.ts'
import type { ShownColumn } from './rows.ts'
import css from './ObjectTable.module.css'

/** What can be done with a row. A kind that knows no such verb has none. */
export interface RowDoings {
  open: (row: TableRow) => void
  edit: ((row: TableRow) => void) | null
  remove: ((row: TableRow) => void) | null
}

interface Props {
  row: TableRow
  columns: readonly ShownColumn[]
  index: number
  /** px from the top of the body. */
  start: number
  isActive: boolean
  isInspected: boolean
  onActive: () => void
  measure: (element: Element | null) => void
  doings: RowDoings
}

/** One object: a press opens it, E edits, Delete deletes. */
export function Row({ row, columns, index, start, isActive, isInspected, ...rest }: Props) {
  const { onActive, measure, doings } = rest
  const name = row.object.metadata.name ?? ''
  const isGoing = row.object.metadata.deletionTimestamp !== undefined
  return (
    <div
      ref={measure}
      role="row"
      className={css.row}
      aria-rowindex={index + 2}
      aria-selected={isInspected}
      data-index={index}
      data-going={isGoing}
      tabIndex={isActive ? 0 : -1}
      style={{ transform: `translateY(${start}px)` }}
      onFocus={onActive}
      onClick={() => doings.open(row)}
      onKeyDown={(event) => {
        if (event.target !== event.currentTarget) return
        if (event.key === 'Enter') doings.open(row)
        else if (event.key === 'e') doings.edit?.(row)
        else if (event.key === 'Delete') doings.remove?.(row)
      }}
    >
      {columns.map((column) => (
        <Cell key={column.name} row={row} column={column} />
      ))}
      <div role="gridcell" className={css.actions} onClick={(event) => event.stopPropagation()}>
        {doings.edit && (
          <Button size="caption" label={`Edit ${name}`} onPress={() => doings.edit?.(row)}>
            Edit
          </Button>
        )}
        {doings.remove && (
          <Button size="caption" label={`Delete ${name}`} onPress={() => doings.remove?.(row)}>
            Delete
          </Button>
        )}
      </div>
    </div>
  )
}

function Cell({ row, column: { name, cell } }: { row: TableRow; column: ShownColumn }) {
  const created = row.object.metadata.creationTimestamp
  // The API says how old it was when the row was written; the page says how old it is.
  const text =
    name === 'Age' && created ? ageText(stageNow() - Date.parse(created)) : textOf(row, cell)
  return (
    <div
      role="gridcell"
      className={css.cell}
      title={text}
      data-name={cell === 0}
      data-trouble={isTrouble(name, text)}
    >
      {text === '<none>' || text === '<unset>' ? <span className={css.none}>none</span> : text}
    </div>
  )
}
