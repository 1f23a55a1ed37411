// Which ReplicaSet belongs to which template of a Deployment, and the revisions of its history.
import {
  PAUSED_BECAUSE_ANNOTATION,
  PAUSED_PODS_ANNOTATION,
  PAUSED_REVISION_ANNOTATION,
} from '../../shared/kubernetes/rollout-pause.ts'
import type { Deployment, ReplicaSet } from '../../shared/kubernetes/workloads.ts'
import { POD_TEMPLATE_HASH, REVISION_ANNOTATION } from '../../shared/kubernetes/workloads.ts'
import type { PodTemplateSpec } from '../../shared/kubernetes/pod.ts'
import {
  DESIRED_REPLICAS_ANNOTATION,
  MAX_REPLICAS_ANNOTATION,
  numberAnnotation,
  oldestFirst,
  rollingBudget,
  wanted,
} from './deployment-budget.ts'
import { controllerReference, sameJson } from './objects.ts'

/** Revisions a set had before it was rolled back to, oldest first, separated by commas. */
const REVISION_HISTORY_ANNOTATION = 'deployment.kubernetes.io/revision-history'
const REVISION_HISTORY_LENGTH = 2000

/** Annotations of a Deployment that its sets do not get. */
const NOT_COPIED = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'deprecated.deployment.rollback.to',
  REVISION_ANNOTATION,
  REVISION_HISTORY_ANNOTATION,
  DESIRED_REPLICAS_ANNOTATION,
  MAX_REPLICAS_ANNOTATION,
  PAUSED_REVISION_ANNOTATION,
  PAUSED_BECAUSE_ANNOTATION,
  PAUSED_PODS_ANNOTATION,
])

/** Letters and digits that can form no words (apimachinery/pkg/util/rand). */
const SAFE_LETTERS = 'bcdfghjklmnpqrstvwxz2456789'

/** JSON with sorted keys, so that equal templates have equal texts. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null)
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined && member !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(',')}}`
}

/** A short stable name for a template, different for each `collisions` (FNV-1a, 32 bits). */
export function templateHash(template: PodTemplateSpec, collisions: number): string {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(`${canonical(template)}#${collisions}`)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  }
  return String(hash).replace(/\d/g, (digit) =>
    SAFE_LETTERS.charAt(digit.charCodeAt(0) % SAFE_LETTERS.length),
  )
}

function comparable(template: PodTemplateSpec | undefined): unknown {
  const { labels = {}, annotations = {}, ...metadata } = template?.metadata ?? {}
  const { [POD_TEMPLATE_HASH]: _hash, ...ownLabels } = labels
  return {
    ...template,
    metadata: { ...metadata, creationTimestamp: undefined, labels: ownLabels, annotations },
  }
}

/** True when both make the same pods: the hash label, which differs by design, is left out. */
export function sameTemplate(
  a: PodTemplateSpec | undefined,
  b: PodTemplateSpec | undefined,
): boolean {
  return sameJson(comparable(a), comparable(b))
}

/** The set of the Deployment's present template (the oldest, should there be several) and all others, oldest first. */
export function splitSets(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
): { newSet: ReplicaSet | undefined; oldSets: ReplicaSet[] } {
  const ordered = oldestFirst(sets)
  const newSet = ordered.find((set) => sameTemplate(set.spec.template, deployment.spec.template))
  return { newSet, oldSets: ordered.filter((set) => set !== newSet) }
}

export function revisionOf(set: ReplicaSet): number {
  return numberAnnotation(set, REVISION_ANNOTATION) ?? 0
}

/** The revision the present template has, one above all others. */
export function nextRevision(oldSets: readonly ReplicaSet[]): number {
  return Math.max(0, ...oldSets.map(revisionOf)) + 1
}

/** Keeps the newest part of the history that is short enough. */
function appendHistory(history: string | undefined, revision: string): string {
  const revisions = [...(history ? history.split(',') : []), revision]
  while (revisions.length > 1 && revisions.join(',').length > REVISION_HISTORY_LENGTH) {
    revisions.shift()
  }
  return revisions.join(',')
}

/** The annotations the newest set should carry: the Deployment's own, and its revision (SetNewReplicaSetAnnotations). */
function annotationsFor(
  deployment: Deployment,
  held: Record<string, string>,
  revision: number,
): Record<string, string> {
  const copied = Object.entries(deployment.metadata.annotations ?? {}).filter(
    ([name]) => !NOT_COPIED.has(name),
  )
  const result: Record<string, string> = { ...held, ...Object.fromEntries(copied) }
  const before = held[REVISION_ANNOTATION]
  if (Number(before ?? 0) >= revision) return result
  result[REVISION_ANNOTATION] = String(revision)
  if (before !== undefined) {
    result[REVISION_HISTORY_ANNOTATION] = appendHistory(held[REVISION_HISTORY_ANNOTATION], before)
  }
  return result
}

/** The annotations that remember for what size of Deployment a set was scaled. */
export function sizeAnnotations(deployment: Deployment): Record<string, string> {
  return {
    [DESIRED_REPLICAS_ANNOTATION]: String(wanted(deployment)),
    [MAX_REPLICAS_ANNOTATION]: String(wanted(deployment) + rollingBudget(deployment).maxSurge),
  }
}

/** The set as it should be as the newest one; the same object when nothing has to change. */
export function asNewest(deployment: Deployment, set: ReplicaSet, revision: number): ReplicaSet {
  const annotations = annotationsFor(deployment, set.metadata.annotations ?? {}, revision)
  const minReadySeconds = deployment.spec.minReadySeconds ?? 0
  if (
    sameJson(annotations, set.metadata.annotations ?? {}) &&
    minReadySeconds === (set.spec.minReadySeconds ?? 0)
  ) {
    return set
  }
  return {
    ...set,
    metadata: { ...set.metadata, annotations },
    spec: { ...set.spec, minReadySeconds },
  }
}

/** A ReplicaSet for the Deployment's present template. */
export function createSet(deployment: Deployment, revision: number, replicas: number): ReplicaSet {
  const { metadata, spec } = deployment
  const hash = templateHash(spec.template, deployment.status?.collisionCount ?? 0)
  const labels = { ...spec.template.metadata?.labels, [POD_TEMPLATE_HASH]: hash }
  const annotations = {
    ...annotationsFor(deployment, {}, revision),
    ...sizeAnnotations(deployment),
  }
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${metadata.name}-${hash}`,
      ...(metadata.namespace && { namespace: metadata.namespace }),
      labels,
      annotations,
      ownerReferences: [
        controllerReference({ ...deployment, apiVersion: 'apps/v1' }, 'Deployment'),
      ],
    },
    spec: {
      replicas,
      ...(spec.minReadySeconds && { minReadySeconds: spec.minReadySeconds }),
      selector: {
        ...spec.selector,
        matchLabels: { ...spec.selector.matchLabels, [POD_TEMPLATE_HASH]: hash },
      },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  }
}

/** Old sets without pods beyond the history limit, oldest revision first (cleanupDeployment). */
export function expiredSets(deployment: Deployment, oldSets: readonly ReplicaSet[]): ReplicaSet[] {
  const limit = deployment.spec.revisionHistoryLimit ?? 10
  const alive = oldSets.filter((set) => set.metadata.deletionTimestamp === undefined)
  return alive
    .toSorted((a, b) => revisionOf(a) - revisionOf(b))
    .slice(0, Math.max(0, alive.length - limit))
    .filter(isEmpty)
}

function isEmpty({ metadata, spec, status }: ReplicaSet): boolean {
  const seen = (metadata.generation ?? 0) <= (status?.observedGeneration ?? 0)
  return seen && (status?.replicas ?? 0) === 0 && (spec.replicas ?? 1) === 0
}
