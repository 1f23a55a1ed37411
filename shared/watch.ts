// Watch events, and how a list follows them. The browser and the server's informers share this one function.
import type { KubeList, KubeObject } from './kubernetes/meta.ts'
import { keyOf } from './kubernetes/meta.ts'

/** BOOKMARK carries only metadata.resourceVersion: "you have seen everything up to here". */
export type WatchEvent<T extends KubeObject = KubeObject> =
  { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: T } | { type: 'BOOKMARK'; object: T }

/** Objects by `namespace/name`, at one resourceVersion. */
export interface Replica<T extends KubeObject> {
  resourceVersion: string
  objects: Map<string, T>
}

/** The replica a list starts with. */
export function replicaOf<T extends KubeObject>(list: KubeList<T>): Replica<T> {
  const objects = new Map<string, T>()
  for (const item of list.items) objects.set(keyOf(item), item)
  return { resourceVersion: list.metadata.resourceVersion ?? '0', objects }
}

/**
 * Applies one event in place. An event whose object is not newer than what is held is skipped, so replays are harmless.
 * Resource versions of one kind compare as integers (KEP-5504).
 */
export function applyWatchEvent<T extends KubeObject>(
  replica: Replica<T>,
  event: WatchEvent<T>,
): 'applied' | 'skipped' {
  const revision = event.object.metadata.resourceVersion ?? '0'
  if (event.type === 'BOOKMARK') {
    replica.resourceVersion = revision
    return 'skipped'
  }
  const key = keyOf(event.object)
  const held = replica.objects.get(key)?.metadata.resourceVersion
  if (held !== undefined && Number(held) >= Number(revision)) return 'skipped'
  if (event.type === 'DELETED') replica.objects.delete(key)
  else replica.objects.set(key, event.object)
  replica.resourceVersion = revision
  return 'applied'
}
