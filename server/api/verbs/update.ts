// update: the writer sends the whole object.
import type { ObjectKey, WriteOptions } from '../../../shared/client.ts'
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { Caller } from '../../../shared/operation.ts'
import { methodNotSupported } from '../../../shared/status.ts'
import { authorizeAt } from '../access/authorize.ts'
import { confirmGrant } from '../access/escalation.ts'
import type { Core } from '../core.ts'
import { toStored } from '../faces.ts'
import { storeKey } from '../keys.ts'
import type { Strategy } from '../kinds/strategy.ts'
import { signature } from '../managed/record.ts'
import { copyOf } from '../values.ts'
import { change, checkClaims, nextFinalizers, nextObject, nextStatus } from './change.ts'
import { create } from './create.ts'
import { decode } from './decode.ts'
import { nextEphemeral } from './ephemeral.ts'
import { requireSubresource } from './get.ts'
import { scaleOf, withScale } from './scale.ts'

/** What an update made of an object, which it may have created. */
interface Updated {
  object: KubeObject
  created: boolean
}

export async function update(
  ...[core, caller, kind, key, object, options, warnings]: Parameters<typeof updateOrCreate>
): Promise<KubeObject> {
  return (await updateOrCreate(core, caller, kind, key, object, options, warnings)).object
}

/** Updates the object; of some kinds, one that is not there is created. */
export async function updateOrCreate(
  core: Core,
  caller: Caller,
  kind: Kind,
  key: ObjectKey,
  object: KubeObject,
  options: WriteOptions,
  warnings: string[] = [],
): Promise<Updated> {
  const strategy = core.registry.of(kind)
  const { subresource } = options
  authorizeAt(core, caller, 'update', strategy.kind, key, subresource)
  requireSubresource(strategy, subresource)
  if (strategy.createsOnUpdate && !subresource && !core.store.get(storeKey(strategy.kind, key))) {
    const named = { ...object, metadata: { ...object.metadata, name: key.name } }
    const made = await create(core, caller, kind, key.namespace, named, options, warnings)
    return { object: made, created: true }
  }
  const face = subresource === 'scale' ? undefined : core.registry.faceOf(kind)
  const sent = decodeFor(core, strategy, toStored(strategy, face, object), options, warnings)
  const next = (old: KubeObject): KubeObject => {
    checkClaims(strategy, old, sent)
    const made = nextFor(core, strategy, subresource, old, sent, warnings)
    confirmGrant(core, caller, strategy.kind, made, old, subresource)
    return made
  }
  const writer = signature(core, strategy, caller, options)
  const result = await change(core, strategy, key, options.dryRun, next, writer)
  return { object: subresource === 'scale' ? scaleOf(strategy, result) : result, created: false }
}

/** What was sent, read as what the subresource is made of; `held` as in `decode`. */
export function decodeFor(
  core: Core,
  strategy: Strategy,
  sent: unknown,
  options: WriteOptions,
  warnings: string[],
  held?: KubeObject,
): KubeObject {
  if (options.subresource === 'scale') return decode(core, scales, sent, options, warnings)
  return decode(core, strategy.kind, sent, options, warnings, held)
}

const scales: Kind = {
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  plural: 'scales',
  singular: 'scale',
  shortNames: [],
  namespaced: true,
}

/**
 * The next state of `old` when `sent` is written to it or to one of its subresources.
 * @throws ApiError 405 for subresources that are not written this way.
 */
export function nextFor(
  core: Core,
  strategy: Strategy,
  subresource: string | undefined,
  old: KubeObject,
  sent: KubeObject,
  warnings: string[],
): KubeObject {
  switch (subresource) {
    case undefined:
      return nextObject(core, strategy, old, copyOf(sent), warnings)
    case 'status':
    case 'approval':
      return nextStatus(core, strategy, subresource, old, sent)
    case 'scale':
      return nextObject(core, strategy, old, withScale(strategy, old, sent), warnings)
    case 'finalize':
      return nextFinalizers(old, sent)
    case 'ephemeralcontainers':
      return nextEphemeral(old, sent)
    default: {
      const { plural, group } = strategy.kind
      throw methodNotSupported({ plural: `${plural}/${subresource}`, group }, 'update')
    }
  }
}
