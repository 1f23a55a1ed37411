// JSON patch (RFC 6902): a list of operations, all or none.
import jsonpatch, { type Operation } from 'fast-json-patch'
import { ApiError, badRequest } from '../../../shared/status.ts'
import { isJsonObject } from '../values.ts'

/** As many as kube-apiserver takes in one patch (maxJSONPatchOperations). */
const MAX_OPERATIONS = 10_000

/**
 * The patched value; `target` stays as it is.
 * @throws ApiError 400 when the patch is not a list of operations, 422 when one cannot be carried out.
 */
export function applyJsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw badRequest('the patch is not a list of operations')
  if (patch.length > MAX_OPERATIONS) {
    throw tooManyOperations(patch.length)
  }
  let document: unknown = structuredClone(target)
  for (const operation of patch) document = applyOne(document, operation)
  return document
}

function applyOne(document: unknown, operation: unknown): unknown {
  if (!isJsonObject(operation)) throw badRequest('an operation of the patch is not an object')
  for (const pointer of [operation['path'], operation['from']]) {
    if (typeof pointer === 'string') refuseInherited(document, pointer)
  }
  try {
    const copied = structuredClone(operation) as unknown as Operation
    return jsonpatch.applyOperation(document, copied, true, true, true).newDocument
  } catch (error) {
    throw unprocessable(describe(error, operation))
  }
}

/** A pointer may only lead through what the document itself holds, never through what every JavaScript object inherits. */
function refuseInherited(document: unknown, pointer: string): void {
  let at: unknown = document
  const steps = pointer.split('/').slice(1, -1)
  for (const step of steps) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) {
      throw unprocessable(`doc is missing path: ${pointer}: missing value`)
    }
    at = (at as Record<string, unknown>)[key]
  }
}

function describe(error: unknown, { op, path }: Record<string, unknown>): string {
  const name = error instanceof Error ? error.name : ''
  const pointer = typeof path === 'string' ? path : ''
  if (name === 'TEST_OPERATION_FAILED') return `testing value ${pointer} failed: test failed`
  if (name.startsWith('OPERATION_PATH') || name.startsWith('OPERATION_VALUE_OUT')) {
    return `${String(op)} operation does not apply: doc is missing path: ${pointer}: missing value`
  }
  return `operation ${String(op)} on ${JSON.stringify(path) ?? 'no path'} is not valid`
}

/** What kube-apiserver answers for patches that do not apply (errors.NewGenericServerResponse 422). */
export function unprocessable(message: string): ApiError {
  return new ApiError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `the server rejected our request due to an error in our request: ${message}`,
    reason: 'Invalid',
    details: {},
    code: 422,
  })
}

function tooManyOperations(count: number): ApiError {
  return badRequest(
    `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${count}`,
  )
}
