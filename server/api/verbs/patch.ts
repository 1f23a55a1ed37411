// patch: the writer sends the difference, which is applied to the newest object.
import type { ObjectKey, PatchType } from '../../../shared/client.ts'
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { Caller } from '../../../shared/operation.ts'
import { invalid } from '../../../shared/status.ts'
import { authorizeAt } from '../access/authorize.ts'
import { confirmGrant } from '../access/escalation.ts'
import type { Core } from '../core.ts'
import { throughFace, toStored } from '../faces.ts'
import type { Strategy } from '../kinds/strategy.ts'
import { applyPatch } from '../patches/apply.ts'
import { signature, told } from '../managed/record.ts'
import { apply, type ApplyOptions } from './apply.ts'
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
  options: ApplyOptions & { type: PatchType },
  warnings: string[] = [],
): Promise<KubeObject> {
  const strategy = core.registry.of(kind)
  const { subresource, type } = options
  authorizeAt(core, caller, 'patch', strategy.kind, key, subresource)
  requireSubresource(strategy, subresource)
  if (type === 'apply') {
    return (await apply(core, caller, kind, key, difference, options, warnings)).object
  }
  requireNoForce(options)
  const face = subresource === 'scale' ? undefined : core.registry.faceOf(kind)
  const seesOwners = type === 'json' && JSON.stringify(difference).includes('managedFields')
  const next = (old: KubeObject): KubeObject => {
    const shown = shownAs(strategy, subresource, seesOwners ? told(core, strategy, old) : old)
    const faced = throughFace(face, shown)
    const changed = applyPatch(core.schemas, strategy.kind, faced, difference, type)
    const patched = toStored(strategy, face, changed)
    const lines: string[] = []
    const sent = decodeFor(core, strategy, patched, options, lines, old)
    checkClaims(strategy, old, sent)
    const made = nextFor(core, strategy, subresource, old, sent, lines)
    confirmGrant(core, caller, strategy.kind, made, old, subresource)
    warnings.splice(0, warnings.length, ...lines)
    return made
  }
  const writer = signature(core, strategy, caller, options)
  const result = await change(core, strategy, key, options.dryRun, next, writer)
  return subresource === 'scale' ? scaleOf(strategy, result) : result
}

/** What the patch is applied to: the object, or the part of it the subresource shows. */
function shownAs(strategy: Strategy, subresource: string | undefined, old: KubeObject): KubeObject {
  return subresource === 'scale' ? scaleOf(strategy, old) : old
}

function requireNoForce({ force }: ApplyOptions): void {
  if (force === undefined) return
  const message = 'Forbidden: may not be specified for non-apply patch'
  const cause = { reason: 'FieldValueForbidden', message, field: 'force' }
  throw invalid({ kind: 'PatchOptions', group: 'meta.k8s.io' }, '', [cause])
}
