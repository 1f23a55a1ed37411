// Small makers and readers that several controllers share.
import type { KubeObject, OwnerReference } from '../../shared/kubernetes/meta.ts'
import type { Pod, PodTemplateSpec } from '../../shared/kubernetes/pod.ts'
import { isApiError, isNotFound } from '../../shared/status.ts'

/** The reference that makes `owner` the controller of what carries it. */
export function controllerReference(owner: KubeObject, kind: string): OwnerReference {
  const { name = '', uid = '' } = owner.metadata
  return {
    apiVersion: owner.apiVersion ?? 'v1',
    kind,
    name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  }
}

/** A pod of this template, owned by `owner`; the API makes its name from generateName. */
export function podFromTemplate(
  template: PodTemplateSpec,
  owner: OwnerReference,
  namespace: string,
): Pod {
  const { labels, annotations, finalizers } = template.metadata ?? {}
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${owner.name}-`,
      namespace,
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ...(finalizers && { finalizers }),
      ownerReferences: [owner],
    },
    spec: template.spec,
  }
}

/** True when both are the same JSON: key order and absent or null members make no difference. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (a === null || a === undefined || b === null || b === undefined)
    return (a ?? b ?? null) === null
  if (typeof a !== 'object' || typeof b !== 'object') return false
  if (Array.isArray(a) || Array.isArray(b)) return sameArrays(a, b)
  const left = a as Record<string, unknown>
  const right = b as Record<string, unknown>
  for (const key in left) if (!sameJson(left[key], right[key])) return false
  for (const key in right) if (!(key in left) && !sameJson(undefined, right[key])) return false
  return true
}

function sameArrays(a: object, b: object): boolean {
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false
  return a.every((item, index) => sameJson(item, b[index]))
}

/** For a `catch` where it does not matter that the object is gone already. */
export function ignoreNotFound(error: unknown): void {
  if (!isNotFound(error)) throw error
}

/** Nothing can be created in a namespace on its way out, and nothing needs to be. */
export function isNamespaceTerminating(error: unknown): boolean {
  if (!isApiError(error)) return false
  return (
    error.status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') ?? false
  )
}
