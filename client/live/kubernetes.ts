// The cluster's API for the page: one client through the stage's door, and hooks that stay live by watching.
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { ObjectKey } from '../../shared/client.ts'
import type { Kind } from '../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../shared/kubernetes/meta.ts'
import { keyOf } from '../../shared/kubernetes/meta.ts'
import { createBrowserClient } from './kube/browserClient.ts'
import type { LiveSource } from './kube/liveQuery.ts'
import { holdLive } from './kube/liveQuery.ts'
import type { LogOptions, LogState } from './kube/logStream.ts'
import { EMPTY_LOG, followLog } from './kube/logStream.ts'
import type { Which } from './kube/sources.ts'
import { listSource, tableSource } from './kube/sources.ts'
import type { Table } from './kube/table.ts'

/** The cluster, as whoever has the stage's token. Failures are thrown as ApiErrors fit to show. */
export const kube = createBrowserClient({
  origin: globalThis.location?.origin ?? '',
  fetch: (...request) => fetch(...request),
  WebSocket: globalThis.WebSocket,
})

export interface Live<Data> {
  /** undefined until it was read once; afterwards the newest known, also while `error` says why it is not live. */
  data: Data | undefined
  error: Error | null
}

function useLive<Data, Shown = Data>(
  source: LiveSource<Data> | null,
  select: (data: Data) => Shown,
): Live<Shown> {
  const queryClient = useQueryClient()
  const latest = useRef(source)
  useEffect(() => {
    latest.current = source
  })
  // A source is what its key says, whichever render made it.
  const id = source && JSON.stringify(source.queryKey)
  useEffect(() => {
    const held = latest.current
    return id !== null && held ? holdLive(queryClient, held) : undefined
  }, [queryClient, id])
  const { data, error } = useQuery<Data, Error, Shown>({
    queryKey: source?.queryKey ?? ['kube', 'nothing'],
    queryFn: async () => (await source!.load()).data,
    // `holdLive` reads and goes on reading.
    enabled: false,
    select,
  })
  return { data, error }
}

/** One object, live; null: there is none (any more). `key` null: nothing is asked. */
export function useObject<T extends KubeObject>(
  kind: Kind<T>,
  key: ObjectKey | null,
): Live<T | null> {
  const source =
    key &&
    listSource(kube, kind, {
      namespace: key.namespace,
      fieldSelector: `metadata.name=${key.name}`,
    })
  return useLive(source, firstOf<T>)
}

const firstOf = <T extends KubeObject>(objects: ReadonlyMap<string, T>): T | null =>
  objects.values().next().value ?? null

/** The objects of a kind, live, sorted by namespace and name. `which` null: nothing is asked. */
export function useObjects<T extends KubeObject>(
  kind: Kind<T>,
  which: Which | null = {},
): Live<readonly T[]> {
  const source = which && listSource(kube, kind, which)
  return useLive(source, sorted<T>)
}

const sorted = <T extends KubeObject>(objects: ReadonlyMap<string, T>): readonly T[] =>
  [...objects.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))

/** A kind's table with the API's own columns, live. `which` null: nothing is asked. */
export function useTable(kind: Kind, which: Which | null = {}): Live<Table> {
  const source = which && tableSource(kube, kind, which)
  return useLive(source, same)
}

const same = (table: Table): Table => table

/** A container's log, followed while mounted; it starts anew when what is asked for changes. */
export function useLogs(pod: ObjectKey | null, options: LogOptions): LogState {
  const asked = pod && JSON.stringify({ pod, options })
  const [told, setTold] = useState<{ asked: string | null; state: LogState }>(NOT_TOLD)
  useEffect(() => {
    if (asked === null) return undefined
    const { pod: key, options: wanted } = JSON.parse(asked) as {
      pod: ObjectKey
      options: LogOptions
    }
    return followLog(kube, key, wanted, (state) => setTold({ asked, state }))
  }, [asked])
  return told.asked === asked ? told.state : EMPTY_LOG
}

const NOT_TOLD = { asked: null, state: EMPTY_LOG }
