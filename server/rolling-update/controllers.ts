// The two controllers of a rolling update: finding or making the new one, and the labels that keep their pods apart.
import { createHash } from 'node:crypto'
import type { KubeClient } from '../../shared/client.ts'
import { pods, replicationControllers } from '../../shared/kubernetes/kinds.ts'
import type { ReplicationController } from '../../shared/kubernetes/workloads.ts'
import { isNotFound } from '../../shared/status.ts'

const PREFIX = 'kubectl.kubernetes.io/'
/** On the new controller: `name:uid` of the one it replaces. */
export const SOURCE_ANNOTATION = `${PREFIX}update-source-id`
/** On the new controller: how many pods it is to have in the end. */
export const DESIRED_ANNOTATION = `${PREFIX}desired-replicas`
/** On the old controller: how many pods it had in the beginning. */
export const ORIGINAL_ANNOTATION = `${PREFIX}original-replicas`
/** On the old controller: the name of the one that replaces it. */
export const NEXT_ANNOTATION = `${PREFIX}next-controller-id`
const ALL = [SOURCE_ANNOTATION, DESIRED_ANNOTATION, ORIGINAL_ANNOTATION, NEXT_ANNOTATION]

/** What was asked for makes no sense; `message` is for people. */
export class RollingUpdateError extends Error {}

export interface Place {
  client: KubeClient
  namespace: string
}

/** The controller of that name; undefined when there is none. */
export async function find(
  { client, namespace }: Place,
  name: string,
): Promise<ReplicationController | undefined> {
  try {
    return await client.get(replicationControllers, { namespace, name })
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

/** The controller that was made to replace the one of that name, when that one is gone already. */
export async function findSuccessor(
  { client, namespace }: Place,
  name: string,
): Promise<ReplicationController | undefined> {
  const { items } = await client.list(replicationControllers, { namespace })
  return items.find(({ metadata }) =>
    metadata.annotations?.[SOURCE_ANNOTATION]?.startsWith(`${name}:`),
  )
}

export async function annotate(
  { client, namespace }: Place,
  name: string,
  annotations: Record<string, string | null>,
): Promise<ReplicationController> {
  const patch = { metadata: { annotations } }
  return client.patch(replicationControllers, { namespace, name }, patch, { type: 'merge' })
}

/** The number an annotation holds, if it holds one. */
export function numberOf(rc: ReplicationController, annotation: string): number | undefined {
  const text = rc.metadata.annotations?.[annotation]
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

/** A fresh object like this one, under a name, without what an update left on it. */
export function likeNew(rc: ReplicationController, name: string): ReplicationController {
  const { labels, annotations = {}, namespace } = rc.metadata
  const kept = Object.entries(annotations).filter(([key]) => !ALL.includes(key))
  return {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: {
      name,
      ...(namespace && { namespace }),
      ...(labels && { labels }),
      ...(kept.length > 0 && { annotations: Object.fromEntries(kept) }),
    },
    spec: rc.spec,
  }
}

export interface ImageChange {
  image: string
  /** Needed when pods have several containers. */
  container: string | undefined
  /** The label that keeps old and new pods apart. */
  deploymentKey: string
  /** Default: the old name and a hash. */
  newName: string | undefined
}

/**
 * The controller that replaces `old` with another image.
 * @throws RollingUpdateError when it would be the same, or it is not said which container
 */
export function withImage(old: ReplicationController, change: ImageChange): ReplicationController {
  const { image, deploymentKey } = change
  const containers = old.spec.template?.spec.containers ?? []
  const named = change.container ?? (containers.length === 1 ? containers[0]?.name : undefined)
  if (named === undefined) {
    throw new RollingUpdateError(
      'must specify container to update when updating a multi-container pod',
    )
  }
  const chosen = containers.find(({ name }) => name === named)
  if (!chosen) throw new RollingUpdateError(`there is no container named ${named}`)
  if (chosen.image === image) {
    throw new RollingUpdateError('Specified --image must be distinct from existing container image')
  }
  const template = old.spec.template!
  const spec = {
    ...template.spec,
    containers: containers.map((each) => (each === chosen ? { ...each, image } : each)),
  }
  const hash = hashOf(spec)
  const labels = { ...template.metadata?.labels, [deploymentKey]: hash }
  const selector = { ...(old.spec.selector ?? template.metadata?.labels), [deploymentKey]: hash }
  const name = change.newName ?? `${old.metadata.name}-${hash}`
  const made = likeNew(old, name)
  return {
    ...made,
    spec: { ...old.spec, selector, template: { metadata: { ...template.metadata, labels }, spec } },
  }
}

export function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 10)
}

/**
 * Gives a controller and its pods the label that tells them from those of the new one: first the template, then the
 * pods, then the selector, so that no pod is ever without a controller (AddDeploymentKeyToReplicationController).
 */
export async function addDeploymentKey(
  place: Place,
  old: ReplicationController,
  key: string,
): Promise<ReplicationController> {
  if (old.spec.selector?.[key] !== undefined) return old
  const { client, namespace } = place
  const { name = '' } = old.metadata
  const value = hashOf(old.spec.template?.spec)
  const patch = (spec: object): Promise<ReplicationController> =>
    client.patch(replicationControllers, { namespace, name }, { spec }, { type: 'merge' })
  await patch({ template: { metadata: { labels: { [key]: value } } } })
  const own = Object.entries(old.spec.selector ?? old.spec.template?.metadata?.labels ?? {})
  const labelSelector = own.map(([label, text]) => `${label}=${text}`).join(',')
  // Twice: a pod may have been made from the old template while the others were given the label.
  for (let round = 0; round < 2; round++) {
    const { items } = await client.list(pods, { namespace, labelSelector })
    for (const pod of items) {
      if (pod.metadata.labels?.[key] !== undefined) continue
      const labels = { metadata: { labels: { [key]: value } } }
      await client
        .patch(pods, { namespace, name: pod.metadata.name ?? '' }, labels, { type: 'merge' })
        .catch(ignoreGone)
    }
  }
  return patch({ selector: { [key]: value } })
}

export function ignoreGone(error: unknown): void {
  if (!isNotFound(error)) throw error
}
