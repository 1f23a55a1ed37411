// pods/eviction (policy/v1): a delete that a disruption budget could refuse; there are none, so it is carried out.
import type { DeleteOptions } from '../../../shared/client.ts'
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import { success, type CreateBelow } from './below.ts'
import { decode } from './decode.ts'
import { remove } from './delete.ts'

const evictions: Kind = {
  group: 'policy',
  version: 'v1',
  kind: 'Eviction',
  plural: 'evictions',
  singular: 'eviction',
  shortNames: [],
  namespaced: true,
}

export const evict: CreateBelow = async (core, strategy, key, object, options, caller) => {
  const eviction = decode(core, evictions, object, options, []) as KubeObject & {
    deleteOptions?: DeleteOptions & { dryRun?: unknown }
  }
  const { dryRun, ...rest } = eviction.deleteOptions ?? {}
  const wishes = { ...rest, dryRun: options.dryRun === true || Array.isArray(dryRun) }
  await remove(core, caller, strategy.kind, key, wishes)
  return success()
}
