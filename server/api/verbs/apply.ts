// apply: the writer sends the fields it has an opinion on, and owns them (apiserver/pkg/endpoints/handlers/patch.go: applyPatcher).
import type { ObjectKey, WriteOptions } from '../../../shared/client.ts'
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { Caller } from '../../../shared/operation.ts'
import { badRequest, conflict, invalid, methodNotSupported } from '../../../shared/status.ts'
import { authorizeAt } from '../access/authorize.ts'
import { confirmGrant } from '../access/escalation.ts'
import type { Core } from '../core.ts'
import { toStored } from '../faces.ts'
import { storeKey } from '../keys.ts'
import type { Strategy } from '../kinds/strategy.ts'
import { applyConfiguration, type Applied } from '../managed/apply.ts'
import type { ManagedEntry } from '../managed/entries.ts'
import { groundOf, managedFieldsOf, signature } from '../managed/record.ts'
import { copyOf, isJsonObject, refuseHostile, sameJson, type JsonObject } from '../values.ts'
import { change, checkClaims, nextObject, nextStatus } from './change.ts'
import { createApplied } from './create.ts'
import { decode } from './decode.ts'
import { requireSubresource } from './get.ts'
import { scaleOf, withScale } from './scale.ts'

const STATUS_WRITES: readonly string[] = ['status', 'approval']

export interface ApplyResult {
  object: KubeObject
  created: boolean
}

export interface ApplyOptions extends WriteOptions {
  /** Takes fields over from whoever owns them. */
  force?: boolean
}

/**
 * Applies a configuration; the object is created when it is not there.
 * @throws ApiError 409 when others own what it would change, 422 without a field manager
 */
export async function apply(
  core: Core,
  caller: Caller,
  kind: Kind,
  key: ObjectKey,
  sent: unknown,
  options: ApplyOptions,
  warnings: string[] = [],
): Promise<ApplyResult> {
  const strategy = core.registry.of(kind)
  const { subresource } = options
  authorizeAt(core, caller, 'patch', strategy.kind, key, subresource)
  requireSubresource(strategy, subresource)
  requireManager(options)
  const face = subresource === 'scale' ? undefined : core.registry.faceOf(kind)
  const configuration = configurationOf(strategy, key, toStored(strategy, face, sent), subresource)
  const writer = signature(core, strategy, caller, options, 'Apply')
  const isThere = core.store.get(storeKey(strategy.kind, key)) !== undefined
  if (!isThere && subresource === undefined) {
    authorizeAt(core, caller, 'create', strategy.kind, key)
    return createBy(core, caller, strategy, key, configuration, writer, options, warnings)
  }
  if (subresource === 'scale') {
    return {
      object: await applyScale(core, strategy, key, configuration, writer, options),
      created: false,
    }
  }
  if (subresource !== undefined && !STATUS_WRITES.includes(subresource)) {
    const { plural, group } = strategy.kind
    throw methodNotSupported({ plural: `${plural}/${subresource}`, group }, 'apply')
  }
  const object = await change(core, strategy, key, options.dryRun, (old) => {
    checkClaims(strategy, old, configuration as unknown as KubeObject)
    const lines: string[] = []
    const applied = appliedTo(core, strategy, old, configuration, writer, options)
    const draft = decode(core, strategy.kind, applied.object, options, lines)
    const next =
      subresource !== undefined
        ? nextStatus(core, strategy, subresource, old, draft)
        : nextObject(core, strategy, old, withFieldsOf(draft, applied), lines)
    confirmGrant(core, caller, strategy.kind, next, old, subresource)
    warnings.splice(0, warnings.length, ...lines)
    return settled(core, strategy, old, next, applied.managedFields)
  })
  return { object, created: false }
}

function withFieldsOf(object: KubeObject, { managedFields }: Applied): KubeObject {
  return { ...object, metadata: { ...object.metadata, managedFields } }
}

/** The object as it was when an apply changes nothing but the time in its own entry. */
function settled(
  core: Core,
  strategy: Strategy,
  old: KubeObject,
  next: KubeObject,
  managedFields: ManagedEntry[],
): KubeObject {
  const before = fieldsByManager(managedFieldsOf(core, strategy, old) ?? [])
  const after = fieldsByManager(managedFields)
  const sameOwners =
    before.size === after.size &&
    [...after].every(([who, fields]) => before.has(who) && sameJson(before.get(who), fields))
  if (sameOwners && sameJson(unsigned(next), unsigned(old))) return old
  return { ...next, metadata: { ...next.metadata, managedFields } }
}

function fieldsByManager(entries: readonly ManagedEntry[]): Map<string, unknown> {
  return new Map(
    entries.map(({ manager, operation, apiVersion, subresource, fieldsV1 }) => [
      JSON.stringify([manager, operation, apiVersion, subresource]),
      fieldsV1,
    ]),
  )
}

function unsigned(object: KubeObject): KubeObject {
  const metadata = { ...object.metadata }
  delete metadata.managedFields
  return { ...object, metadata }
}

function requireManager({ fieldManager }: ApplyOptions): void {
  if (fieldManager) return
  const message = 'Required value: is required for apply patch'
  const cause = { reason: 'FieldValueRequired', message, field: 'fieldManager' }
  throw invalid({ kind: 'PatchOptions', group: 'meta.k8s.io' }, '', [cause])
}

/** What was sent, checked to speak of this object and of nothing that the API keeps itself. */
function configurationOf(
  { kind }: Strategy,
  key: ObjectKey,
  sent: unknown,
  subresource: string | undefined,
): JsonObject {
  refuseHostile(sent)
  if (!isJsonObject(sent)) throw badRequest('error decoding YAML: the patch is not an object')
  const configuration = copyOf(sent)
  for (const field of ['apiVersion', 'kind']) {
    if (configuration[field]) continue
    throw badRequest(`invalid object type: ${field} not set`)
  }
  const metadata = (configuration['metadata'] ??= {})
  if (!isJsonObject(metadata)) throw badRequest('metadata must be an object')
  if (metadata['managedFields'] !== undefined)
    throw badRequest('metadata.managedFields must be nil')
  const { name, namespace } = metadata
  if (name !== undefined && name !== key.name && subresource === undefined) {
    throw badRequest(
      `the name of the object (${JSON.stringify(name)}) does not match the name on the URL (${key.name})`,
    )
  }
  if (namespace !== undefined && kind.namespaced && namespace !== key.namespace) {
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    )
  }
  return configuration
}

function appliedTo(
  core: Core,
  strategy: Strategy,
  live: KubeObject | undefined,
  configuration: JsonObject,
  writer: ManagedEntry,
  { force = false }: ApplyOptions,
): Applied {
  const ground = groundOf(core, strategy)
  if (!ground) throw badRequest(`no schema of ${strategy.kind.kind} is known`)
  return applyConfiguration(live, configuration, writer, force, ground)
}

async function createBy(
  core: Core,
  caller: Caller,
  strategy: Strategy,
  key: ObjectKey,
  configuration: JsonObject,
  writer: ManagedEntry,
  options: ApplyOptions,
  warnings: string[],
): Promise<ApplyResult> {
  const { kind } = strategy
  const metadata = configuration['metadata'] as JsonObject
  if (metadata['uid']) {
    const why = `uid mismatch: the provided object specified uid ${JSON.stringify(metadata['uid'])}, and no existing object was found`
    throw conflict(kind, key.name, why)
  }
  // Types are told of as they are of any object; owners are worked out from what was sent, before defaults.
  const checked = decode(core, kind, configuration, { ...options, fieldValidation: 'Ignore' }, [])
  const { managedFields } = appliedTo(core, strategy, undefined, configuration, writer, options)
  checked.metadata.name = key.name
  if (kind.namespaced) checked.metadata.namespace = key.namespace ?? ''
  strategy.stamp?.(checked, caller)
  confirmGrant(core, caller, kind, checked)
  const object = await createApplied(core, strategy, checked, managedFields, options, warnings)
  return { object, created: true }
}

/** A scale that is applied owns the replicas of what it scales, under the subresource's name. */
async function applyScale(
  core: Core,
  strategy: Strategy,
  key: ObjectKey,
  scale: JsonObject,
  writer: ManagedEntry,
  options: ApplyOptions,
): Promise<KubeObject> {
  const object = await change(core, strategy, key, options.dryRun, (old) => {
    const wanted = withScale(strategy, old, scale as unknown as KubeObject)
    const { apiVersion, kind } = old
    const { replicas } = (wanted as { spec?: { replicas?: number } }).spec ?? {}
    const part = { apiVersion, kind, metadata: {}, spec: { replicas } }
    const { managedFields } = appliedTo(core, strategy, old, part, writer, options)
    const next = nextObject(core, strategy, old, wanted, [])
    return settled(core, strategy, old, next, managedFields)
  })
  return scaleOf(strategy, object)
}
