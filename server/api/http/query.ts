// Options as they stand in a query string, checked (apimachinery/pkg/apis/meta/v1: ListOptions, CreateOptions …).
import type { DeleteOptions, WriteOptions } from '../../../shared/client.ts'
import { badRequest, invalid } from '../../../shared/status.ts'
import type { ListRequest } from '../verbs/list.ts'
import type { WatchRequest } from '../verbs/watch.ts'

/** Go's strconv.ParseBool, and a name alone means true. */
export function flag(query: URLSearchParams, name: string): boolean {
  const text = query.get(name)
  if (text === null) return false
  if (['', '1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false
  throw badRequest(`Invalid value: ${JSON.stringify(text)}: ${name} must be true or false`)
}

/** A whole number that is not negative; undefined when absent. */
export function count(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  const value = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value
  throw badRequest(`Invalid value: ${JSON.stringify(text)}: ${name} must be a whole number`)
}

export function listRequest(query: URLSearchParams, namespace: string | undefined): ListRequest {
  return {
    namespace,
    ...selectors(query),
    limit: count(query, 'limit'),
    continue: query.get('continue') || undefined,
    resourceVersion: query.get('resourceVersion') ?? undefined,
    resourceVersionMatch: query.get('resourceVersionMatch') || undefined,
  }
}

export function watchRequest(query: URLSearchParams, namespace: string | undefined): WatchRequest {
  return {
    namespace,
    ...selectors(query),
    resourceVersion: query.get('resourceVersion') ?? undefined,
    resourceVersionMatch: query.get('resourceVersionMatch') || undefined,
    allowWatchBookmarks: flag(query, 'allowWatchBookmarks'),
    timeoutSeconds: count(query, 'timeoutSeconds'),
    ...(query.has('sendInitialEvents') && { sendInitialEvents: flag(query, 'sendInitialEvents') }),
  }
}

function selectors(query: URLSearchParams) {
  return {
    labelSelector: query.get('labelSelector') ?? undefined,
    fieldSelector: query.get('fieldSelector') ?? undefined,
  }
}

export function writeOptions(
  query: URLSearchParams,
  subresource: string | undefined,
): WriteOptions {
  const fieldValidation = query.get('fieldValidation') || 'Warn'
  if (fieldValidation !== 'Strict' && fieldValidation !== 'Warn' && fieldValidation !== 'Ignore') {
    throw badRequest(
      `fieldValidation: Unsupported value: ${JSON.stringify(fieldValidation)}: supported values: "Ignore", "Strict", "Warn"`,
    )
  }
  const manager = query.get('fieldManager')
  if (manager) checkManager(manager)
  return {
    subresource,
    fieldValidation,
    dryRun: dryRun(query.getAll('dryRun')),
    ...(manager && { fieldManager: manager }),
    ...(query.has('force') && { force: flag(query, 'force') }),
  }
}

const MAX_MANAGER = 128

/** apimachinery/pkg/apis/meta/v1/validation: ValidateFieldManager. */
function checkManager(name: string): void {
  const refuse = (why: string) =>
    invalid({ kind: 'CreateOptions', group: 'meta.k8s.io' }, '', [
      { reason: 'FieldValueInvalid', message: why, field: 'fieldManager' },
    ])
  if (name.length > MAX_MANAGER) {
    throw refuse(`Too long: may not be more than ${MAX_MANAGER} bytes`)
  }
  if (/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u.test(name)) {
    throw refuse(`Invalid value: ${JSON.stringify(name)}: should only contain printable characters`)
  }
}

/** @throws ApiError 400 for anything but `All`. */
function dryRun(values: readonly string[]): boolean {
  for (const value of values) {
    if (value === 'All') continue
    throw badRequest(`dryRun: Unsupported value: ${JSON.stringify(value)}: supported values: "All"`)
  }
  return values.length > 0
}

/** DeleteOptions of the body, with those of the query filled in. */
export function deleteOptions(
  query: URLSearchParams,
  body: (DeleteOptions & { dryRun?: unknown; orphanDependents?: boolean }) | undefined,
): DeleteOptions {
  const asked = Array.isArray(body?.dryRun) ? body.dryRun.map(String) : query.getAll('dryRun')
  const grace = body?.gracePeriodSeconds ?? count(query, 'gracePeriodSeconds')
  const policy = body?.propagationPolicy ?? query.get('propagationPolicy') ?? undefined
  const orphan = body?.orphanDependents
  return {
    dryRun: dryRun(asked),
    ...(grace !== undefined && { gracePeriodSeconds: grace }),
    ...(body?.preconditions && { preconditions: body.preconditions }),
    ...(policy !== undefined && { propagationPolicy: policy as 'Background' }),
    ...(policy === undefined &&
      orphan !== undefined && { propagationPolicy: orphan ? 'Orphan' : 'Background' }),
  }
}
