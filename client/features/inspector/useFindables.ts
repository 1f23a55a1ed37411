import { useMemo } from 'react'
import {
  deployments,
  replicaSets,
  replicationControllers,
  services,
} from '../../../shared/kubernetes/kinds.ts'
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import { splitKey } from '../../../shared/kubernetes/meta.ts'
import { useObjects } from '../../live/kubernetes.ts'
import { useViews } from '../../live/live.ts'
import type { Findable } from './findable.ts'
import { RUN_SHELL } from './runShell.ts'
import { scenesAsFindables } from './sceneFindables.ts'
import { resourceName } from '../../live/selection.ts'

function findablesOf(kind: Kind, objects: readonly KubeObject[] = []): Findable[] {
  return objects.map(({ metadata }) => ({
    selection: {
      kind: resourceName(kind),
      namespace: metadata.namespace ?? null,
      name: metadata.name ?? '',
    },
    kind: kind.kind,
    detail: metadata.namespace ?? '',
  }))
}

/** Everything that can be looked into by name: the stage's own from the feed, the rest from the API while this is used. */
export function useFindables(): Findable[] {
  const nodes = useViews('node')
  const pods = useViews('pod')
  const scenes = useViews('scene')
  const { data: theServices } = useObjects(services)
  const { data: theDeployments } = useObjects(deployments)
  const { data: theControllers } = useObjects(replicationControllers)
  const { data: theSets } = useObjects(replicaSets)
  return useMemo(
    () => [
      ...nodes.map(({ name, ready }): Findable => ({
        selection: { kind: 'nodes', namespace: null, name },
        kind: 'Node',
        detail: ready ? 'ready' : 'not ready',
      })),
      ...findablesOf(services, theServices),
      ...findablesOf(deployments, theDeployments),
      ...findablesOf(replicationControllers, theControllers),
      ...findablesOf(replicaSets, theSets),
      ...pods.map(({ key, name, state, version, node }): Findable => ({
        selection: { kind: 'pods', namespace: splitKey(key).namespace ?? null, name },
        kind: 'Pod',
        detail: `${version} ${state}${node ? ` on ${node}` : ''}`,
      })),
      RUN_SHELL,
      ...scenesAsFindables(scenes),
    ],
    [scenes, nodes, pods, theServices, theDeployments, theControllers, theSets],
  )
}
