// A kind's table as it is now.
import { useQuery } from '@tanstack/react-query'
import { kube, useTable } from '../../live/kubernetes.ts'
import type { Live } from '../../live/kubernetes.ts'
import type { Table } from '../../live/kube/table.ts'
import type { ListedKind } from './kindList.ts'

/** What cannot be watched, such as measurements, is asked for again and again. */
const AGAIN_MS = 5_000

/** Live by watching where the kind can be watched. */
export function useRows({ kind, verbs }: ListedKind, namespace: string | null): Live<Table> {
  const which = { namespace: (kind.namespaced && namespace) || undefined }
  const isWatched = verbs.includes('watch')
  const watched = useTable(kind, isWatched ? which : null)
  const asked = useQuery({
    queryKey: ['kube', 'asked', kind.group, kind.plural, which.namespace],
    queryFn: () => kube.table(kind, which),
    enabled: !isWatched,
    refetchInterval: AGAIN_MS,
  })
  return isWatched ? watched : { data: asked.data, error: asked.error }
}
