// What live queries are made of: lists of objects and tables, read and watched through a client.
import type { ListOptions } from '../../../shared/client.ts'
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import { keyOf } from '../../../shared/kubernetes/meta.ts'
import { collectionPath } from '../../../shared/paths.ts'
import type { BrowserClient } from './browserClient.ts'
import type { LiveSource } from './liveQuery.ts'
import type { Table, TableRow } from './table.ts'
import { rowKey } from './table.ts'

/** Which objects: of a namespace or all, by labels and fields. */
export type Which = Pick<ListOptions, 'namespace' | 'labelSelector' | 'fieldSelector'>

/** Objects by `namespace/name`; a new Map at every change. */
export type Objects<T extends KubeObject> = ReadonlyMap<string, T>

/** The objects of a kind, live. */
export function listSource<T extends KubeObject>(
  client: BrowserClient,
  kind: Kind<T>,
  which: Which,
): LiveSource<Objects<T>> {
  return {
    queryKey: ['kube', 'list', collectionPath(kind, which.namespace), selectorsOf(which)],
    async load() {
      const { items, metadata } = await client.list(kind, which)
      const data = new Map(items.map((item) => [keyOf(item), item]))
      return { resourceVersion: metadata.resourceVersion ?? '', data }
    },
    watch: (resourceVersion, onChange) =>
      client.watch(kind, { ...which, resourceVersion, allowWatchBookmarks: true }, (event) => {
        const version = event.object.metadata.resourceVersion ?? resourceVersion
        if (event.type === 'BOOKMARK') onChange(version, (data) => data)
        else onChange(version, (data) => withObject(data, event.type === 'DELETED', event.object))
      }),
  }
}

function withObject<T extends KubeObject>(
  data: Objects<T>,
  isGone: boolean,
  object: T,
): Objects<T> {
  const next = new Map(data)
  if (isGone) next.delete(keyOf(object))
  else next.set(keyOf(object), object)
  return next
}

/** A kind's table, live. Rows keep their order; new ones come last. */
export function tableSource(client: BrowserClient, kind: Kind, which: Which): LiveSource<Table> {
  return {
    queryKey: ['kube', 'table', collectionPath(kind, which.namespace), selectorsOf(which)],
    async load() {
      const table = await client.table(kind, which)
      return { resourceVersion: table.metadata.resourceVersion ?? '', data: table }
    },
    watch: (resourceVersion, onChange) =>
      client.watchTable(kind, { ...which, resourceVersion, allowWatchBookmarks: true }, (event) => {
        const { metadata, rows = [] } = event.object as unknown as Partial<Table>
        const newest = metadata?.resourceVersion ?? rows.at(-1)?.object.metadata.resourceVersion
        onChange(newest ?? resourceVersion, (table) =>
          event.type === 'BOOKMARK' ? table : withRows(table, rows, event.type === 'DELETED'),
        )
      }),
  }
}

/** The table after rows were written or went away. */
export function withRows(table: Table, changed: readonly TableRow[], areGone: boolean): Table {
  const rows = [...table.rows]
  for (const row of changed) {
    const at = rows.findIndex((held) => rowKey(held) === rowKey(row))
    if (areGone && at >= 0) rows.splice(at, 1)
    else if (!areGone && at >= 0) rows[at] = row
    else if (!areGone) rows.push(row)
  }
  return { ...table, rows }
}

function selectorsOf({ labelSelector, fieldSelector }: Which): Record<string, string | undefined> {
  return { labelSelector, fieldSelector }
}
