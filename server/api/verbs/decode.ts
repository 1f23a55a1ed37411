// The first step of every write: what was sent becomes an object of the right kind with only known, well-typed fields.
import type { WriteOptions } from '../../../shared/client.ts'
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import { apiVersionOf } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import { badRequest } from '../../../shared/status.ts'
import type { Core } from '../core.ts'
import { copyOf, isJsonObject, type JsonObject } from '../values.ts'

/**
 * The writer's own copy of `sent`, checked against the kind's schema. Unknown fields are refused, told or passed over as
 * fieldValidation says, and never kept, for Kubernetes' own types could not hold them.
 * @throws ApiError 400
 */
export function decode(
  core: Core,
  kind: Kind,
  sent: unknown,
  options: WriteOptions,
  warnings: string[],
): KubeObject {
  if (!isJsonObject(sent)) throw badRequest(`the object provided is not a ${kind.kind}`)
  const object = copyOf(sent)
  checkType(object, kind)
  object['metadata'] ??= {}
  if (!isJsonObject(object['metadata'])) throw wrongType(kind, 'metadata must be an object')
  const { unknown, wrong } = core.schemas.check(kind, object)
  if (wrong[0] !== undefined) throw wrongType(kind, wrong[0])
  if (unknown.length > 0) tellUnknown(unknown, options, warnings)
  return object as unknown as KubeObject
}

/** Fills apiVersion and kind where they are left out, and refuses any others. */
function checkType(object: JsonObject, kind: Kind): void {
  const apiVersion = apiVersionOf(kind)
  object['apiVersion'] ??= apiVersion
  object['kind'] ??= kind.kind
  if (object['apiVersion'] !== apiVersion) {
    throw badRequest(
      `the API version in the data (${String(object['apiVersion'])}) does not match the expected API version (${apiVersion})`,
    )
  }
  if (object['kind'] !== kind.kind) {
    throw badRequest(
      `the kind in the data (${String(object['kind'])}) does not match the expected kind (${kind.kind})`,
    )
  }
}

function wrongType({ kind, version }: Kind, why: string) {
  return badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${why}`)
}

/** Unknown fields are gone from the object by now; what is left is to say so. */
function tellUnknown(
  paths: readonly string[],
  { fieldValidation = 'Warn' }: WriteOptions,
  warnings: string[],
): void {
  const lines = paths.map((path) => `unknown field "${path}"`)
  if (fieldValidation === 'Strict') throw badRequest(`strict decoding error: ${lines.join(', ')}`)
  if (fieldValidation === 'Warn') warnings.push(...lines)
}
