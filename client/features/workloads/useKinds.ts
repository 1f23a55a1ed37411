// The cluster's kinds, asked of its aggregated discovery.
import { useQuery } from '@tanstack/react-query'
import { kube } from '../../live/kubernetes.ts'
import { kindsOf } from './kindList.ts'
import type { DiscoveryList, ListedKind } from './kindList.ts'

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
/** Kinds come and go with custom resource definitions and API services. */
const AGAIN_MS = 30_000

/** undefined until they are known. */
export function useKinds(): { kinds: readonly ListedKind[] | undefined; error: Error | null } {
  const { data, error } = useQuery({
    queryKey: ['kube', 'discovery'],
    queryFn: async () => {
      const paths = ['/api', '/apis']
      return kindsOf(
        await Promise.all(paths.map((path) => kube.getPath<DiscoveryList>(path, AGGREGATED))),
      )
    },
    refetchInterval: AGAIN_MS,
  })
  return { kinds: data, error }
}
