// What the API itself keeps in metadata, after k8s.io/apiserver/pkg/registry/rest (BeforeCreate, BeforeUpdate).
import { randomInt } from 'node:crypto'
import type { KubeObject, ObjectMeta } from '../../../shared/kubernetes/meta.ts'

/** Letters and digits that spell no words and are not mistaken for one another (apimachinery/pkg/util/rand). */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'
const SUFFIX_LENGTH = 5
const MAX_GENERATED_BASE = 63 - SUFFIX_LENGTH

/** `generateName` and five random characters (apiserver/pkg/storage/names). */
export function generatedName(base: string): string {
  const suffix = Array.from({ length: SUFFIX_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)])
  return base.slice(0, MAX_GENERATED_BASE) + suffix.join('')
}

/** The object as it is stored at `revision`: fields in their usual order, carrying its own resourceVersion. */
export function stored(object: KubeObject, revision: number): KubeObject {
  const { kind, apiVersion, metadata } = object
  const result = { kind, apiVersion, metadata: ordered(metadata, String(revision)) }
  return withOthers(result, object) as KubeObject
}

// Every write comes through here: assigning field by field costs a fraction of spreading.
function ordered(metadata: ObjectMeta, resourceVersion: string): ObjectMeta {
  const { name, generateName, namespace, uid, generation, creationTimestamp } = metadata
  const result: ObjectMeta = {}
  if (name !== undefined) result.name = name
  if (generateName !== undefined) result.generateName = generateName
  if (namespace !== undefined) result.namespace = namespace
  if (uid !== undefined) result.uid = uid
  result.resourceVersion = resourceVersion
  if (generation !== undefined) result.generation = generation
  if (creationTimestamp !== undefined) result.creationTimestamp = creationTimestamp
  return withOthers(result, metadata)
}

/** `result` with the members of `source` that it does not have, in their order. */
function withOthers<T extends object>(result: T, source: object): T {
  const [to, from] = [result as Record<string, unknown>, source as Record<string, unknown>]
  for (const key of Object.keys(from)) {
    if (from[key] !== undefined && !Object.hasOwn(to, key)) to[key] = from[key]
  }
  return result
}

/** Takes from `old` what no writer may change. */
export function keepSystemFields(metadata: ObjectMeta, old: ObjectMeta): void {
  take(metadata, old, 'uid')
  take(metadata, old, 'creationTimestamp')
  take(metadata, old, 'deletionTimestamp')
  take(metadata, old, 'deletionGracePeriodSeconds')
  take(metadata, old, 'generation')
  take(metadata, old, 'resourceVersion')
  take(metadata, old, 'generateName')
}

function take(metadata: ObjectMeta, old: ObjectMeta, field: keyof ObjectMeta): void {
  if (old[field] === undefined) delete metadata[field]
  else Object.assign(metadata, { [field]: old[field] })
}

/** Nothing keeps a deleted object any longer: no finalizers, no grace (apiserver's ShouldDeleteDuringUpdate). */
export function isDone(object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata
  if (deletionTimestamp === undefined) return false
  const ownFinalizers = (object as { spec?: { finalizers?: string[] } }).spec?.finalizers
  const kept = object.kind === 'Namespace' && (ownFinalizers?.length ?? 0) > 0
  return !kept && !deletionGracePeriodSeconds && (finalizers?.length ?? 0) === 0
}
