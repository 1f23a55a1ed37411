import { useDeferredValue, useEffect, useMemo, useState } from 'react'
import type { RefObject } from 'react'
import { namespaces } from '../../../shared/kubernetes/kinds.ts'
import type { ObjectKey } from '../../../shared/client.ts'
import type { TableRow } from '../../live/kube/table.ts'
import { rowKey } from '../../live/kube/table.ts'
import { useObjects } from '../../live/kubernetes.ts'
import { useConnection } from '../../live/live.ts'
import { resourceName, select, useSelection } from '../../live/selection.ts'
import { Button } from '../../ui/Button.tsx'
import { useChoice } from './choice.ts'
import type { Way } from './editing.ts'
import type { ListedKind } from './kindList.ts'
import { ObjectTable } from './ObjectTable.tsx'
import { columnsOf, found, hasMoreColumns, sorted } from './rows.ts'
import type { Order } from './rows.ts'
import { useRows } from './useRows.ts'
import css from './Workloads.module.css'

interface Props {
  listed: ListedKind
  search: RefObject<HTMLInputElement | null>
  isWide: boolean
  onWide: (isWide: boolean) => void
  onCreate: (way: Way) => void
  onEdit: (key: ObjectKey) => void
  onRemove: (row: TableRow) => void
}

const STALE_MS = 3_000
const TICK_MS = 1_000

/** Ages grow by themselves. */
function useTick(): void {
  const [, tick] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) tick((count) => count + 1)
    }, TICK_MS)
    return () => clearInterval(timer)
  }, [])
}

/** One kind's objects: its name and tools, and the table. */
export function Objects({ listed, search, isWide, onWide, onCreate, onEdit, onRemove }: Props) {
  const { kind, verbs } = listed
  const [choice, choose] = useChoice()
  const { data: table, error } = useRows(listed, choice.namespace)
  const [order, setOrder] = useState<Order | null>(null)
  const find = useDeferredValue(choice.find)
  useTick()
  const columns = useMemo(() => {
    const isOfAll = kind.namespaced && choice.namespace === null
    return table ? columnsOf(table, { isWide, isOfAll }) : []
  }, [table, kind, choice.namespace, isWide])
  const rows = useMemo(
    () => (table ? sorted(found(table.rows, find), columns, order) : []),
    [table, find, columns, order],
  )
  const inspected = useInspected(resourceName(kind))
  const isSilent = useConnection().staleMs > STALE_MS
  const total = table?.rows.length
  return (
    <section className={css.objects} aria-label={kind.kind}>
      <header className={css.header}>
        <h2>
          {kind.kind}
          <small>{kind.group === '' ? kind.version : `${kind.group}/${kind.version}`}</small>
        </h2>
        <p className={css.count} role="status">
          {total !== undefined && (find === '' ? total : `${rows.length} of ${total}`)}
        </p>
        <input
          ref={search}
          type="search"
          aria-label={`Search ${kind.kind}`}
          placeholder="Search names, cells, labels"
          className={css.search}
          value={choice.find}
          onChange={(event) => choose({ find: event.target.value })}
          onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
        />
        {kind.namespaced && <NamespaceChoice />}
        <Button
          size="small"
          keys="W"
          isPressed={isWide}
          className={css.tool}
          disabledReason={
            table && !hasMoreColumns(table.columnDefinitions) ? 'It has no more columns.' : null
          }
          onPress={() => onWide(!isWide)}
        >
          More columns
        </Button>
        <Button
          look="primary"
          size="small"
          icon="plus"
          keys="N"
          className={css.tool}
          tipSide="left"
          disabledReason={
            verbs.includes('create') ? null : `${kind.kind} objects are only read, never made.`
          }
          onPress={() => onCreate('yaml')}
        >
          Create
        </Button>
      </header>
      {error && table && (
        <p className={css.stale} role="status">
          Not live: {error.message}
        </p>
      )}
      {!table && error && <Failure message={error.message} />}
      {!table && !error && <Skeleton />}
      {table && rows.length === 0 && (
        <Nothing listed={listed} hasRows={table.rows.length > 0} onCreate={onCreate} />
      )}
      {table && rows.length > 0 && (
        <ObjectTable
          label={kind.kind}
          columns={columns}
          rows={rows}
          order={order}
          onOrder={setOrder}
          inspected={inspected}
          isStale={error !== null || isSilent}
          doings={{
            open: ({ object: { metadata } }) =>
              select({
                kind: resourceName(kind),
                namespace: metadata.namespace ?? null,
                name: metadata.name ?? '',
              }),
            edit: verbs.includes('update') ? (row) => onEdit(keyOfRow(row)) : null,
            remove: verbs.includes('delete') ? onRemove : null,
          }}
        />
      )}
    </section>
  )
}

const keyOfRow = ({ object: { metadata } }: TableRow): ObjectKey => ({
  namespace: metadata.namespace,
  name: metadata.name ?? '',
})

/** `namespace/name` of what is looked into, if it is of that kind. */
function useInspected(resource: string): string | null {
  const selection = useSelection()
  if (selection?.kind !== resource) return null
  const { namespace, name } = selection
  return rowKey({ cells: [], object: { metadata: { ...(namespace && { namespace }), name } } })
}

function NamespaceChoice() {
  const [choice, choose] = useChoice()
  const { data } = useObjects(namespaces)
  const names = data?.map(({ metadata }) => metadata.name ?? '') ?? []
  // What the address says is offered, whether it is there or not.
  const held = choice.namespace
  const all = held === null || names.includes(held) ? names : [...names, held]
  return (
    <label className={css.namespace}>
      Namespace
      <select
        value={held ?? ''}
        onChange={(event) => choose({ namespace: event.target.value || null })}
      >
        <option value="">all</option>
        {all.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}

/** What the form makes. */
const FORM_KINDS = new Set(['Deployment', 'Service', 'Ingress', 'HorizontalPodAutoscaler'])

function Nothing({
  listed,
  hasRows,
  onCreate,
}: {
  listed: ListedKind
  hasRows: boolean
  onCreate: (way: Way) => void
}) {
  const [{ find, namespace }, choose] = useChoice()
  const { kind, verbs } = listed
  const where = kind.namespaced && namespace !== null ? ` in namespace ${namespace}` : ''
  return (
    <div className={css.empty}>
      <h3>{hasRows ? `No ${kind.kind} says “${find}”` : `There is no ${kind.kind}${where}`}</h3>
      {hasRows ? (
        <Button size="small" className={css.tool} onPress={() => choose({ find: '' })}>
          Show all
        </Button>
      ) : (
        <>
          {where !== '' && (
            <Button size="small" className={css.tool} onPress={() => choose({ namespace: null })}>
              Look in all namespaces
            </Button>
          )}
          {verbs.includes('create') && (
            <Button size="small" icon="plus" className={css.tool} onPress={() => onCreate('yaml')}>
              Create one from YAML
            </Button>
          )}
          {FORM_KINDS.has(kind.kind) && (
            <Button size="small" icon="plus" className={css.tool} onPress={() => onCreate('image')}>
              Create one from an image
            </Button>
          )}
        </>
      )}
    </div>
  )
}

function Failure({ message }: { message: string }) {
  return (
    <div className={css.empty} role="alert">
      <h3>The table cannot be read</h3>
      <p>{message}</p>
      <p>It is asked for again and again; it appears here as soon as it is answered.</p>
    </div>
  )
}

const SKELETON_ROWS = 12

/** The rows' places, still: it is there for a moment only. */
function Skeleton() {
  return (
    <div className={css.skeleton} aria-busy="true">
      {Array.from({ length: SKELETON_ROWS }, (_, at) => (
        <i key={at} />
      ))}
    </div>
  )
}
