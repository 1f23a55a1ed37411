// get: the newest state of one object.
import type { ObjectKey } from '../../../shared/client.ts'
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { Caller } from '../../../shared/operation.ts'
import { methodNotSupported, noSuchPath, notFound, notImplemented } from '../../../shared/status.ts'
import type { Entry } from '../../store/store.ts'
import { authorizeAt } from '../access/authorize.ts'
import type { Core } from '../core.ts'
import { storeKey } from '../keys.ts'
import type { Strategy } from '../kinds/strategy.ts'
import { measuredObject } from '../measured/measured.ts'
import { scaleOf } from './scale.ts'

/** Subresources that read as the object itself. */
const WHOLE: readonly string[] = ['status', 'approval', 'ephemeralcontainers']

export function get(
  core: Core,
  caller: Caller,
  kind: Kind,
  key: ObjectKey,
  subresource?: string,
): KubeObject {
  const strategy = core.registry.of(kind)
  authorizeAt(core, caller, 'get', strategy.kind, key, subresource)
  if (strategy.measured) return measuredObject(core, strategy, key, subresource)
  requireSubresource(strategy, subresource)
  const object = entryOf(core, strategy, key).value as KubeObject
  if (subresource === undefined || WHOLE.includes(subresource)) {
    return object
  }
  if (subresource === 'scale') return scaleOf(strategy, object)
  throw methodNotSupported({ plural: `${kind.plural}/${subresource}`, group: kind.group }, 'get')
}

/** @throws ApiError 404 */
export function entryOf(core: Core, { kind }: Strategy, key: ObjectKey): Entry {
  const entry = core.store.get(storeKey(kind, key))
  if (!entry) throw notFound(kind, key.name)
  return entry
}

/** What Kubernetes has below these and Podium has not. */
export const REFUSED: Readonly<Record<string, readonly string[]>> = {
  pods: ['resize'],
}

/** @throws ApiError 404 for a subresource that this kind does not have, 501 for one that is not implemented. */
export function requireSubresource(strategy: Strategy, subresource: string | undefined): void {
  if (subresource === undefined || strategy.subresources.includes(subresource)) return
  const { plural } = strategy.kind
  const refused = Object.hasOwn(REFUSED, plural) && REFUSED[plural]?.includes(subresource)
  throw refused ? notImplemented(`${plural}/${subresource}`) : noSuchPath()
}
