// create on a subresource: a pod's binding and eviction, a service account's token.
import type { ObjectKey, WriteOptions } from '../../../shared/client.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { Caller } from '../../../shared/operation.ts'
import { methodNotSupported } from '../../../shared/status.ts'
import type { Core } from '../core.ts'
import type { Strategy } from '../kinds/strategy.ts'
import type { CreateBelow } from './below.ts'
import { bind } from './binding.ts'
import { evict } from './eviction.ts'
import { requireSubresource } from './get.ts'
import { requestToken } from './token.ts'

const BY_NAME: Readonly<Record<string, CreateBelow>> = {
  binding: bind,
  eviction: evict,
  token: requestToken,
}

/** @throws ApiError 404 for a subresource the kind does not have, 405 for one that is not created. */
export async function createBelow(
  core: Core,
  caller: Caller,
  strategy: Strategy,
  key: ObjectKey,
  object: KubeObject,
  options: WriteOptions,
): Promise<KubeObject> {
  const { subresource = '' } = options
  requireSubresource(strategy, subresource)
  const run = Object.hasOwn(BY_NAME, subresource) ? BY_NAME[subresource] : undefined
  const { plural, group } = strategy.kind
  if (!run) throw methodNotSupported({ plural: `${plural}/${subresource}`, group }, 'create')
  return run(core, strategy, key, object, options, caller)
}
