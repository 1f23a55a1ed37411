// The first step of every write: what was sent becomes an object of the right kind with only known, well-typed fields.
import type { WriteOptions } from '../../../shared/client.ts'
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import { apiVersionOf } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import { badRequest, type ApiError } from '../../../shared/status.ts'
import type { Core } from '../core.ts'
import { copyOf, isJsonObject, type JsonObject } from '../values.ts'

/**
 * The writer's own copy of `sent`, checked against the kind's schema. Unknown fields are refused, told or passed over as
 * fieldValidation says, and never kept, for Kubernetes' own types could not hold them.
 * @param held the stored object of this kind that `sent` was made from, if it was: members they share have been checked
 * before, and are shared by the answer too
 * @throws ApiError 400
 */
export function decode(
  core: Core,
  kind: Kind,
  sent: unknown,
  options: WriteOptions,
  warnings: string[],
  held?: KubeObject,
): KubeObject {
  if (!isJsonObject(sent)) throw badRequest(`the object provided is not a ${kind.kind}`)
  if (!held) return checked(core, kind, copyOf(sent), options, warnings, wrongType)
  const known = held as unknown as JsonObject
  const isShared = (key: string): boolean => key !== 'metadata' && sent[key] === known[key]
  const keys = Object.keys(sent)
  const others = keys.filter((key) => !isShared(key) || !isJsonObject(sent[key]))
  const changed = Object.fromEntries(others.map((key) => [key, sent[key]]))
  const own = copyOf(changed)
  const refuse = (_: Kind, why: string) => badRequest(why)
  const object = checked(core, kind, own, options, warnings, refuse) as unknown as JsonObject
  const result: JsonObject = {}
  for (const key of keys) {
    const member = Object.hasOwn(changed, key) ? object[key] : sent[key]
    if (member !== undefined) result[key] = member
  }
  return Object.assign(result, object) as unknown as KubeObject
}

/** `object`, without what its schema does not know; `refuse` words the error when that is not allowed. */
function checked(
  core: Core,
  kind: Kind,
  object: JsonObject,
  options: WriteOptions,
  warnings: string[],
  refuse: (kind: Kind, why: string) => ApiError,
): KubeObject {
  checkType(object, kind)
  object['metadata'] ??= {}
  if (!isJsonObject(object['metadata'])) throw wrongType(kind, 'metadata must be an object')
  const { unknown, wrong } = core.schemas.check(kind, object)
  if (wrong[0] !== undefined) throw wrongType(kind, wrong[0])
  const { fieldValidation = 'Warn' } = options
  // They are gone from the object by now; what is left is to say so.
  const lines = unknown.map((path) => `unknown field "${path}"`)
  if (lines.length > 0 && fieldValidation === 'Strict') {
    throw refuse(kind, `strict decoding error: ${lines.join(', ')}`)
  }
  if (fieldValidation === 'Warn') warnings.push(...lines)
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
