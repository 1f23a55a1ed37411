// delete: at once when nothing holds the object; otherwise it is marked, and goes when its holders let go
// (apiserver/pkg/registry/rest/delete.go and generic/registry/store.go).
import type { DeleteOptions, ObjectKey } from '../../../shared/client.ts'
import { namespaces, replicationControllers, type Kind } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject, ObjectMeta } from '../../../shared/kubernetes/meta.ts'
import type { Caller } from '../../../shared/operation.ts'
import { badRequest, conflict } from '../../../shared/status.ts'
import { ConflictError, type Entry } from '../../store/store.ts'
import { authorizeAt } from '../access/authorize.ts'
import { timestamp, type Core } from '../core.ts'
import type { Strategy } from '../kinds/strategy.ts'
import { sameJson } from '../values.ts'
import { MODIFIED } from './change.ts'
import { entryOf } from './get.ts'
import { isDone, stored } from './metadata.ts'
import { requireMortalNamespace } from './namespaces.ts'

const ORPHAN = 'orphan'
const FOREGROUND = 'foregroundDeletion'
const ATTEMPTS = 16

export interface Deletion {
  /** As it was last stored, or as it is while something holds it. */
  object: KubeObject
  removed: boolean
}

export async function remove(
  core: Core,
  caller: Caller,
  kind: Kind,
  key: ObjectKey,
  options: DeleteOptions,
): Promise<Deletion> {
  const strategy = core.registry.of(kind)
  authorizeAt(core, caller, 'delete', strategy.kind, key)
  requireMortalNamespace(strategy.kind, key.name)
  checkOptions(options)
  for (let attempt = 1; ; attempt += 1) {
    const entry = entryOf(core, strategy, key)
    checkPreconditions(strategy, entry.value as KubeObject, options)
    try {
      return await removeEntry(core, strategy, entry, options)
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error
      if (attempt === ATTEMPTS) throw conflict(strategy.kind, key.name, MODIFIED)
    }
  }
}

function checkOptions({ gracePeriodSeconds, propagationPolicy }: DeleteOptions): void {
  if (gracePeriodSeconds !== undefined && !Number.isInteger(gracePeriodSeconds)) {
    throw badRequest('gracePeriodSeconds must be a whole number of seconds')
  }
  if (
    propagationPolicy !== undefined &&
    !['Foreground', 'Background', 'Orphan'].includes(propagationPolicy)
  ) {
    throw badRequest(
      `DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: ${JSON.stringify(propagationPolicy)}: supported values: "Foreground", "Background", "Orphan"`,
    )
  }
}

function checkPreconditions(strategy: Strategy, object: KubeObject, options: DeleteOptions): void {
  const { uid, resourceVersion } = options.preconditions ?? {}
  const { metadata } = object
  const clash = (what: string, wanted: string, actual: string | undefined) =>
    conflict(
      strategy.kind,
      metadata.name ?? '',
      `Precondition failed: ${what} in precondition: ${wanted}, ${what} in object meta: ${actual}`,
    )
  if (uid && uid !== metadata.uid) throw clash('UID', uid, metadata.uid)
  if (resourceVersion && resourceVersion !== metadata.resourceVersion) {
    throw clash('ResourceVersion', resourceVersion, metadata.resourceVersion)
  }
}

async function removeEntry(
  core: Core,
  strategy: Strategy,
  entry: Entry,
  options: DeleteOptions,
): Promise<Deletion> {
  const old = entry.value as KubeObject
  const marked = markedObject(core, strategy, old, options)
  const removed = isDone(marked)
  if (!removed && sameJson(marked, old)) return { object: old, removed: false }
  if (options.dryRun) return { object: removed ? old : marked, removed }
  const change = await core.store.write({
    key: entry.key,
    expected: entry.revision,
    value: removed ? undefined : (revision) => stored(marked, revision),
  })
  return { object: removed ? old : (change.value as KubeObject), removed }
}

/** The object as a delete leaves it: with its deletionTimestamp, grace and finalizers. Pure. */
function markedObject(
  core: Core,
  strategy: Strategy,
  old: KubeObject,
  options: DeleteOptions,
): KubeObject {
  const now = core.clock.now()
  const metadata: ObjectMeta = { ...old.metadata }
  metadata.finalizers = finalizersFor(strategy, old, options.propagationPolicy)
  if (metadata.finalizers.length === 0) delete metadata.finalizers
  const grace = strategy.deletion?.(old, options.gracePeriodSeconds) ?? 'now'
  setGrace(metadata, old.metadata, grace === 'now' ? 0 : Math.max(0, grace.seconds), now)
  const marked = { ...old, metadata }
  return strategy.kind.kind === namespaces.kind && strategy.kind.group === ''
    ? ({
        ...marked,
        status: { ...(marked as { status?: object }).status, phase: 'Terminating' },
      } as KubeObject)
    : marked
}

/** A second delete may only shorten the grace that the first one gave. */
function setGrace(metadata: ObjectMeta, old: ObjectMeta, seconds: number, now: number): void {
  const first = old.deletionTimestamp === undefined
  if (!first && seconds >= (old.deletionGracePeriodSeconds ?? 0)) return
  metadata.deletionTimestamp = timestamp(now + seconds * 1000)
  metadata.deletionGracePeriodSeconds = seconds
  if (first && metadata.generation) metadata.generation += 1
}

/** What happens to dependents is said to the garbage collector by finalizers (deletionFinalizersForGarbageCollection). */
function finalizersFor(
  { kind }: Strategy,
  { metadata }: KubeObject,
  policy: DeleteOptions['propagationPolicy'],
): string[] {
  const held = metadata.finalizers ?? []
  const wanted = policy ?? (held.some(isPropagation) ? undefined : defaultPolicy(kind))
  if (wanted === undefined) return [...held]
  const others = held.filter((name) => !isPropagation(name))
  if (wanted === 'Orphan') return [...others, ORPHAN]
  if (wanted === 'Foreground') return [...others, FOREGROUND]
  return others
}

function isPropagation(finalizer: string): boolean {
  return finalizer === ORPHAN || finalizer === FOREGROUND
}

/** ReplicationControllers orphan by default, as in the days before garbage collection (pkg/registry/core/…/strategy.go). */
function defaultPolicy(kind: Kind): DeleteOptions['propagationPolicy'] {
  const orphans = kind.plural === replicationControllers.plural && kind.group === ''
  return orphans ? 'Orphan' : 'Background'
}
