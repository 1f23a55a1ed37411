// What `kubectl rollout undo` does: the template of an earlier ReplicaSet becomes the Deployment's again
// (kubectl/pkg/polymorphichelpers/rollback.go). Pure.
import type { Deployment, ReplicaSet } from '../../shared/kubernetes/workloads.ts'
import { POD_TEMPLATE_HASH, REVISION_ANNOTATION } from '../../shared/kubernetes/workloads.ts'

/** Annotations that belong to the Deployment itself and are not taken from the ReplicaSet. */
const KEPT = [
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION_ANNOTATION,
  'deployment.kubernetes.io/revision-history',
  'deployment.kubernetes.io/desired-replicas',
  'deployment.kubernetes.io/max-replicas',
  'deprecated.deployment.rollback.to',
]

export type JsonPatch = {
  op: 'test' | 'replace' | 'add' | 'remove'
  path: string
  value?: unknown
}[]

/** The RFC 6902 patch that takes `deployment` back to `set`; a paused one is resumed by it, or nothing would move. */
export function undoPatch(deployment: Deployment, set: ReplicaSet): JsonPatch {
  const template = structuredClone(set.spec.template)
  delete template?.metadata?.labels?.[POD_TEMPLATE_HASH]
  const annotations = {
    ...without(set.metadata.annotations, (name) => KEPT.includes(name)),
    ...without(deployment.metadata.annotations, (name) => !KEPT.includes(name)),
  }
  const patch: JsonPatch = [
    { op: 'replace', path: '/spec/template', value: template },
    // 'add' also replaces, and works where there are none yet.
    { op: 'add', path: '/metadata/annotations', value: annotations },
  ]
  if (deployment.spec.paused !== undefined) patch.push({ op: 'remove', path: '/spec/paused' })
  return patch
}

function without(
  map: Record<string, string> | undefined,
  isDropped: (name: string) => boolean,
): Record<string, string> {
  return Object.fromEntries(Object.entries(map ?? {}).filter(([name]) => !isDropped(name)))
}
