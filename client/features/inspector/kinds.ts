// Which kind of the API a selection means.
import { useQuery } from '@tanstack/react-query'
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import {
  configMaps,
  deployments,
  endpointSlices,
  namespaces,
  nodes,
  pods,
  replicaSets,
  replicationControllers,
  serviceAccounts,
  services,
} from '../../../shared/kubernetes/kinds.ts'
import { kube } from '../../live/kubernetes.ts'
import { resourceName } from '../../live/selection.ts'

const KNOWN: readonly Kind[] = [
  pods,
  nodes,
  services,
  deployments,
  replicaSets,
  replicationControllers,
  configMaps,
  serviceAccounts,
  namespaces,
  endpointSlices,
]

/** The kind of that name among those that need no question; undefined: ask the API. */
export function knownKind(name: string): Kind | undefined {
  return KNOWN.find((kind) => resourceName(kind) === name || kind.plural === name)
}

interface ResourceList {
  resources: { name: string; kind: string; singularName: string; namespaced: boolean }[]
}

/** The kind of that name, as discovery tells it; null: there is none. */
async function discover(name: string): Promise<Kind | null> {
  const dot = name.indexOf('.')
  const plural = dot < 0 ? name : name.slice(0, dot)
  const group = dot < 0 ? '' : name.slice(dot + 1)
  const version =
    group === ''
      ? 'v1'
      : (await kube.getPath<{ preferredVersion: { version: string } }>(`/apis/${group}`))
          .preferredVersion.version
  const base = group === '' ? '/api/v1' : `/apis/${group}/${version}`
  const { resources } = await kube.getPath<ResourceList>(base)
  const found = resources.find((resource) => resource.name === plural)
  if (!found) return null
  const { kind, singularName, namespaced } = found
  return { group, version, kind, plural, singular: singularName, shortNames: [], namespaced }
}

/** The kind of that name; undefined while it is being asked for, null when there is none. */
export function useKind(name: string | undefined): Kind | null | undefined {
  const known = name === undefined ? undefined : knownKind(name)
  const { data, isError } = useQuery({
    queryKey: ['kind', name],
    queryFn: () => discover(name!),
    enabled: name !== undefined && known === undefined,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  return known ?? (isError ? null : data)
}
