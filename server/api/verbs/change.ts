// How one stored object becomes the next: shared by update, patch and the subresources that write.
import type { ObjectKey } from '../../../shared/client.ts'
import { isBeingDeleted, type KubeObject } from '../../../shared/kubernetes/meta.ts'
import { badRequest, conflict, invalid, type StatusCause } from '../../../shared/status.ts'
import { ConflictError, type Entry } from '../../store/store.ts'
import type { Core } from '../core.ts'
import type { Strategy } from '../kinds/strategy.ts'
import type { ManagedEntry } from '../managed/entries.ts'
import { entriesSent, signed } from '../managed/record.ts'
import { copyOf, sameJson } from '../values.ts'
import { contextOf } from './context.ts'
import { entryOf } from './get.ts'
import { isDone, keepSystemFields, stored } from './metadata.ts'
import { chargeQuotas } from './quota.ts'
import { validateMetadata } from './validate.ts'

export const MODIFIED =
  'the object has been modified; please apply your changes to the latest version and try again'

/** Another writer may come in between this often before we say so. */
const ATTEMPTS = 16

/** Kinds of which an object may take more of a quota than when it was created. */
const GROWS: ReadonlySet<string> = new Set(['services', 'persistentvolumeclaims'])

type Parts = KubeObject & { spec?: unknown; status?: unknown }

/**
 * Writes what `next` makes of the newest object, again when somebody else wrote in between. A result equal to what is
 * stored is not written; one that nothing holds any more is deleted.
 * @param writer signs what it changes; absent where the API itself writes
 */
export async function change(
  core: Core,
  strategy: Strategy,
  key: ObjectKey,
  dryRun: boolean | undefined,
  next: (old: KubeObject, entry: Entry) => KubeObject,
  writer?: ManagedEntry,
): Promise<KubeObject> {
  for (let attempt = 1; ; attempt += 1) {
    const entry = entryOf(core, strategy, key)
    const old = entry.value as KubeObject
    const made = next(old, entry)
    if (sameJson(made, old)) return old
    if (GROWS.has(strategy.kind.plural)) {
      await chargeQuotas(core, strategy.kind, made, dryRun ?? false, old)
    }
    const wanted = writer ? signed(core, strategy, old, made, writer) : made
    if (dryRun) return wanted
    try {
      return await write(core, entry, wanted)
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error
      if (attempt === ATTEMPTS) throw conflict(strategy.kind, key.name, MODIFIED)
    }
  }
}

async function write(core: Core, entry: Entry, wanted: KubeObject): Promise<KubeObject> {
  const gone = isDone(wanted)
  const change = await core.store.write({
    key: entry.key,
    expected: entry.revision,
    value: gone ? undefined : (revision) => stored(wanted, revision),
  })
  return gone ? wanted : (change.value as KubeObject)
}

/** What a writer claims to know about the object must be so. */
export function checkClaims(strategy: Strategy, old: KubeObject, sent: KubeObject): void {
  const { kind } = strategy
  const { name = '' } = old.metadata
  const { uid, resourceVersion, name: sentName, namespace } = sent.metadata
  if (sentName !== undefined && sentName !== name) {
    throw badRequest(
      `the name of the object (${sentName}) does not match the name on the URL (${name})`,
    )
  }
  if (namespace !== undefined && namespace !== old.metadata.namespace) {
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    )
  }
  if (uid !== undefined && uid !== '' && uid !== old.metadata.uid) {
    throw conflict(
      kind,
      name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`,
    )
  }
  if (
    resourceVersion &&
    resourceVersion !== '0' &&
    resourceVersion !== old.metadata.resourceVersion
  ) {
    throw conflict(kind, name, MODIFIED)
  }
}

/** The whole object as the writer wants it; its status stays as it was. */
export function nextObject(
  core: Core,
  strategy: Strategy,
  old: KubeObject,
  wanted: KubeObject,
  warnings: string[],
): KubeObject {
  const next: Parts = wanted
  const managedFields = entriesSent(core, strategy, old, next.metadata.managedFields)
  keepIdentity(next, old)
  if (managedFields) next.metadata.managedFields = managedFields
  else delete next.metadata.managedFields
  if (strategy.subresources.includes('status')) {
    const { status } = old as Parts
    if (status === undefined) delete next.status
    else next.status = copyOf(status)
  }
  const context = contextOf(core, warnings)
  strategy.default?.(next)
  strategy.prepareForUpdate?.(next, old, context)
  moveGeneration(strategy, next, old)
  if (sameJson(next, old)) return old
  const causes = [
    ...validateMetadata(next),
    ...finalizerCauses(next, old),
    ...strategy.validate(next, context),
    ...(strategy.validateUpdate?.(next, old, context) ?? []),
  ]
  if (causes.length > 0) throw invalid(strategy.kind, old.metadata.name ?? '', causes)
  return next
}

/** The object with only its status replaced, as the subresource and the kind allow. */
export function nextStatus(
  core: Core,
  strategy: Strategy,
  subresource: string,
  old: KubeObject,
  wanted: KubeObject,
): KubeObject {
  const { status } = wanted as Parts
  const { status: _, ...rest } = old as Parts
  if (!strategy.statusWrite) {
    return (status === undefined ? rest : { ...rest, status }) as KubeObject
  }
  const next = { ...rest, status: copyOf(status ?? {}) } as KubeObject
  const causes = strategy.statusWrite(next, old, subresource, contextOf(core, []))
  if (causes.length > 0) throw invalid(strategy.kind, old.metadata.name ?? '', causes)
  return next
}

/** A namespace with only its own finalizers replaced (namespaces/finalize). */
export function nextFinalizers(old: KubeObject, wanted: KubeObject): KubeObject {
  const { finalizers } = ((wanted as Parts).spec ?? {}) as { finalizers?: string[] }
  const { finalizers: _, ...spec } = ((old as Parts).spec ?? {}) as { finalizers?: string[] }
  return { ...old, spec: { ...spec, ...(finalizers?.length && { finalizers }) } } as KubeObject
}

function keepIdentity(next: KubeObject, old: KubeObject): void {
  next.metadata.name = old.metadata.name ?? ''
  if (old.metadata.namespace !== undefined) next.metadata.namespace = old.metadata.namespace
  else delete next.metadata.namespace
  keepSystemFields(next.metadata, old.metadata)
}

function moveGeneration(strategy: Strategy, next: Parts, old: Parts): void {
  if (!strategy.hasGeneration || next.metadata.generation !== old.metadata.generation) return
  if (!sameJson(next.spec, old.spec)) next.metadata.generation = (old.metadata.generation ?? 0) + 1
}

/** Nothing new may hold back an object that is on its way out. */
function finalizerCauses(next: KubeObject, old: KubeObject): StatusCause[] {
  if (!isBeingDeleted(old)) return []
  const held = old.metadata.finalizers ?? []
  const added = (next.metadata.finalizers ?? []).filter((name) => !held.includes(name))
  if (added.length === 0) return []
  const list = added.map((name) => `"${name}"`).join(', ')
  const message = `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`
  return [{ reason: 'FieldValueForbidden', message, field: 'metadata.finalizers' }]
}
