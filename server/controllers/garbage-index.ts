// How owner references name their owners, and what is found by that.
import type { Kind } from '../../shared/kubernetes/kinds.ts'
import { apiVersionOf } from '../../shared/kubernetes/kinds.ts'
import type { KubeObject, OwnerReference } from '../../shared/kubernetes/meta.ts'
import type { Informer } from '../machinery/informer.ts'
import { EVERY_KIND } from './every-kind.ts'

/** Finds what an object owns, by its uid. */
export const BY_OWNER = 'controllers/owner-uid'
/** Finds what names owners of a kind that is not built in, by `ownerName`. */
export const BY_CUSTOM_OWNER = 'controllers/custom-owner-kind'

/** How an owner reference names a kind: `apps/v1/Deployment`. */
export function ownerName({
  apiVersion,
  kind,
}: Pick<OwnerReference, 'apiVersion' | 'kind'>): string {
  return `${apiVersion}/${kind}`
}

const BUILT_IN: ReadonlyMap<string, Kind> = new Map(
  EVERY_KIND.map((kind) => [ownerName({ apiVersion: apiVersionOf(kind), kind: kind.kind }), kind]),
)

/** The kind an owner reference names; undefined when no built-in kind is called so. */
export function builtInKind(owner: OwnerReference): Kind | undefined {
  return BUILT_IN.get(ownerName(owner))
}

/** Owners are in the namespace of what they own, or in none. */
export function keyOfOwner(kind: Kind, { metadata }: KubeObject, owner: OwnerReference): string {
  return kind.namespaced ? `${metadata.namespace}/${owner.name}` : owner.name
}

/** Lets BY_OWNER and BY_CUSTOM_OWNER find objects of this kind. */
export function addOwnerIndexes(informer: Informer<KubeObject>): void {
  informer.addIndex(BY_OWNER, ({ metadata }) =>
    (metadata.ownerReferences ?? []).map(({ uid }) => uid),
  )
  informer.addIndex(BY_CUSTOM_OWNER, ({ metadata }) =>
    (metadata.ownerReferences ?? []).map(ownerName).filter((name) => !BUILT_IN.has(name)),
  )
}
