// patch: the writer sends the difference, which is applied to the newest object.
import type { ObjectKey, PatchType, WriteOptions } from '../../../shared/client.ts'
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { Caller } from '../../../shared/operation.ts'
import { authorize } from '../access/authorize.ts'
import type { Core } from '../core.ts'
import type { Strategy } from '../kinds/strategy.ts'
import { applyPatch } from '../patches/apply.ts'
import { change, checkClaims } from './change.ts'
import { requireSubresource } from './get.ts'
import { scaleOf } from './scale.ts'
import { decodeFor, nextFor } from './update.ts'

export async function patch(
  core: Core,
  caller: Caller,
  kind: Kind,
  key: ObjectKey,
  difference: unknown,
  options: WriteOptions & { type: PatchType },
  warnings: string[] = [],
): Promise<KubeObject> {
  const strategy = core.registry.of(kind)
  const { subresource, type } = options
  authorize(caller, { verb: 'patch', kind: strategy.kind, ...key, subresource })
  requireSubresource(strategy, subresource)
  const result = await change(core, strategy, key, options.dryRun, (old) => {
    const shown = shownAs(strategy, subresource, old)
    const patched = applyPatch(core.schemas, strategy.kind, shown, difference, type)
    const lines: string[] = []
    const sent = decodeFor(core, strategy, patched, options, lines, old)
    checkClaims(strategy, old, sent)
    const next = nextFor(core, strategy, subresource, old, sent, lines)
    warnings.splice(0, warnings.length, ...lines)
    return next
  })
  return subresource === 'scale' ? scaleOf(strategy, result) : result
}

/** What the patch is applied to: the object, or the part of it the subresource shows. */
function shownAs(strategy: Strategy, subresource: string | undefined, old: KubeObject): KubeObject {
  return subresource === 'scale' ? scaleOf(strategy, old) : old
}
