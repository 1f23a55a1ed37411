// create: decode → default → prepare → validate → store.
import { randomUUID } from 'node:crypto'
import type { WriteOptions } from '../../../shared/client.ts'
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { Caller } from '../../../shared/operation.ts'
import { alreadyExists, badRequest, invalid } from '../../../shared/status.ts'
import { ConflictError } from '../../store/store.ts'
import { authorize } from '../access/authorize.ts'
import { confirmGrant } from '../access/escalation.ts'
import { timestamp, type Core } from '../core.ts'
import { toStored } from '../faces.ts'
import { storeKey } from '../keys.ts'
import type { Asked, Strategy } from '../kinds/strategy.ts'
import type { ManagedEntry } from '../managed/entries.ts'
import { signature } from '../managed/record.ts'
import { contextOf } from './context.ts'
import { createBelow } from './createbelow.ts'
import { decode } from './decode.ts'
import { generatedName, stored } from './metadata.ts'
import { chargeQuotas } from './quota.ts'
import { requireLivingNamespace } from './namespaces.ts'
import { validateMetadata } from './validate.ts'

/** A generated name that is taken is drawn again this many times (apiserver/pkg/registry/generic/registry). */
const NAME_ATTEMPTS = 8

export async function create(
  core: Core,
  caller: Caller,
  kind: Kind,
  namespace: string | undefined,
  object: KubeObject,
  options: WriteOptions,
  warnings: string[] = [],
): Promise<KubeObject> {
  const strategy = core.registry.of(kind)
  const { subresource } = options
  const name = object.metadata?.name
  authorize(core, caller, { verb: 'create', kind: strategy.kind, namespace, name, subresource })
  if (subresource !== undefined) {
    return createBelow(core, caller, strategy, { namespace, name: name ?? '' }, object, options)
  }
  if (strategy.review) return answer(core, caller, strategy, namespace, object, options, warnings)
  for (let attempt = 1; ; attempt += 1) {
    // A draft is written to on its way, so each attempt begins with a new one.
    const lines: string[] = []
    const sent = toStored(strategy, core.registry.faceOf(kind), object)
    const draft = decode(core, strategy.kind, sent, options, lines)
    place(strategy, draft, namespace)
    strategy.stamp?.(draft, caller)
    confirmGrant(core, caller, strategy.kind, draft)
    const generates = !draft.metadata.name && Boolean(draft.metadata.generateName)
    if (generates) draft.metadata.name = generatedName(draft.metadata.generateName ?? '')
    try {
      const owners = [signature(core, strategy, caller, options)]
      const created = await createNamed(core, strategy, draft, owners, options, lines)
      warnings.push(...lines)
      return created
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error
      if (!generates || attempt === NAME_ATTEMPTS) {
        throw alreadyExists(strategy.kind, draft.metadata.name ?? '')
      }
    }
  }
}

/** A question with its answer; nothing is stored. */
async function answer(
  core: Core,
  caller: Caller,
  { kind, review }: Strategy,
  namespace: string | undefined,
  object: KubeObject,
  options: WriteOptions,
  warnings: string[],
): Promise<KubeObject> {
  const question = decode(core, kind, object, options, warnings)
  const asked: Asked = {
    kind,
    caller,
    namespace: kind.namespaced ? namespace : undefined,
    policy: core.judge.policy,
    whose: core.authenticate,
    now: () => timestamp(core.clock.now()),
  }
  return (await review?.(question, asked)) ?? question
}

/** Puts the object where the request says. */
function place({ kind }: Strategy, object: KubeObject, namespace: string | undefined): void {
  const { metadata } = object
  if (metadata.resourceVersion) {
    throw badRequest('resourceVersion should not be set on objects to be created')
  }
  if (!kind.namespaced) {
    delete metadata.namespace
    return
  }
  if (metadata.namespace && namespace && metadata.namespace !== namespace) {
    throw badRequest(
      `the namespace of the provided object does not match the namespace sent on the request`,
    )
  }
  const chosen = namespace ?? metadata.namespace
  if (!chosen) throw badRequest('an empty namespace may not be set during creation')
  metadata.namespace = chosen
}

/**
 * Creates an object that has been decoded and placed, on behalf of an apply.
 * @throws ApiError 409 when somebody else created it meanwhile
 */
export async function createApplied(
  core: Core,
  strategy: Strategy,
  object: KubeObject,
  owners: ManagedEntry[],
  options: WriteOptions,
  warnings: string[],
): Promise<KubeObject> {
  try {
    return await createNamed(core, strategy, object, owners, options, warnings)
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error
    throw alreadyExists(strategy.kind, object.metadata.name ?? '')
  }
}

async function createNamed(
  core: Core,
  strategy: Strategy,
  object: KubeObject,
  owners: ManagedEntry[],
  options: WriteOptions,
  warnings: string[],
): Promise<KubeObject> {
  const { kind } = strategy
  if (!object.metadata.name) throw nameless(strategy)
  fillMetadata(core, strategy, object)
  const key = storeKey(kind, { ...object.metadata, name: object.metadata.name })
  requireLivingNamespace(core, kind, object)
  if (core.store.get(key)) throw new ConflictError(key, undefined)
  const context = contextOf(core, warnings)
  strategy.default?.(object)
  strategy.prepareForCreate?.(object, context)
  const causes = [
    ...validateMetadata(object),
    ...strategy.validate(object, context),
    ...(strategy.validateCreate?.(object, context) ?? []),
  ]
  if (causes.length > 0) throw invalid(kind, object.metadata.name, causes)
  await chargeQuotas(core, kind, object, options.dryRun ?? false)
  object.metadata.managedFields = owners
  if (options.dryRun) return object
  const change = await core.store.write({
    key,
    expected: 0,
    value: (revision) => stored(object, revision),
  })
  return change.value as KubeObject
}

function nameless({ kind }: Strategy) {
  return invalid(kind, '', [
    {
      reason: 'FieldValueRequired',
      message: 'Required value: name or generateName is required',
      field: 'metadata.name',
    },
  ])
}

function fillMetadata(core: Core, strategy: Strategy, { metadata }: KubeObject): void {
  metadata.uid = randomUUID()
  metadata.creationTimestamp = timestamp(core.clock.now())
  delete metadata.deletionTimestamp
  delete metadata.deletionGracePeriodSeconds
  delete metadata.managedFields
  delete metadata.generation
  if (strategy.hasGeneration) metadata.generation = 1
}
