// One patch on one object, by the patch's own rules. What comes out is decoded and validated like any other write.
import type { PatchType } from '../../../shared/client.ts'
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import { badRequest } from '../../../shared/status.ts'
import type { Schemas } from '../openapi/schemas.ts'
import { isJsonObject, refuseHostile } from '../values.ts'
import { applyJsonPatch } from './json.ts'
import { applyMergePatch } from './merge.ts'
import { applyStrategicPatch } from './strategic.ts'

/**
 * The patched object; `object` stays as it is.
 * @throws ApiError 400 for a patch that is none, 422 for one that does not fit the object.
 */
export function applyPatch(
  schemas: Schemas,
  kind: Kind,
  object: KubeObject,
  patch: unknown,
  type: Exclude<PatchType, 'apply'>,
): unknown {
  refuseHostile(patch)
  if (type === 'json') return applyJsonPatch(object, patch)
  if (!isJsonObject(patch)) throw badRequest('the patch is not a JSON object')
  if (type === 'merge') return applyMergePatch(object, patch)
  return applyStrategicPatch(object, patch, (path) => schemas.mergeStrategy(kind, ...path))
}
