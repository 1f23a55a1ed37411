// The states a set's template has been in, each an object of its own, so that a set can go back (controller/history).
import { controllerRevisions } from '../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../shared/kubernetes/meta.ts'
import type { PodTemplateSpec } from '../../shared/kubernetes/pod.ts'
import { REVISION_HASH_LABEL, type ControllerRevision } from '../../shared/kubernetes/sets.ts'
import { isAlreadyExists } from '../../shared/status.ts'
import type { Informer } from '../machinery/informer.ts'
import type { RoomDeps } from '../machinery/room.ts'
import { allAtOnce } from './batches.ts'
import { templateHash } from './deployment-history.ts'
import { controllerReference, ignoreNotFound, sameJson } from './objects.ts'
import { indexOwners, ownedBy } from './owned.ts'

/** What keeps revisions, as the history sees it. */
export interface RevisedSet extends KubeObject {
  spec: { template: PodTemplateSpec; revisionHistoryLimit?: number }
  status?: { collisionCount?: number }
}

/** The revision of this name must not stand for another template; with a collision the name is another. */
function revisionFor(set: RevisedSet, kind: string, number: number): ControllerRevision {
  const { name, namespace } = set.metadata
  const hash = templateHash(set.spec.template, set.status?.collisionCount ?? 0)
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${name}-${hash}`,
      ...(namespace !== undefined && { namespace }),
      labels: { ...set.spec.template.metadata?.labels, [REVISION_HASH_LABEL]: hash },
      ...(set.metadata.annotations && { annotations: set.metadata.annotations }),
      ownerReferences: [controllerReference({ ...set, apiVersion: 'apps/v1' }, kind)],
    },
    data: { spec: { template: { ...set.spec.template, $patch: 'replace' } } },
    revision: number,
  }
}

function templateOf({ data }: ControllerRevision): PodTemplateSpec | undefined {
  if (!data) return undefined
  const { $patch: _, ...template } = data.spec.template
  return template
}

/** Oldest first. */
function inOrder(revisions: readonly ControllerRevision[]): ControllerRevision[] {
  return [...revisions].sort((a, b) => a.revision - b.revision)
}

export interface RevisionPlan {
  /** The revision of the template as it is now. */
  newest: ControllerRevision
  /** It is to be made, to be numbered as the newest again, or all is well. */
  need: 'create' | 'renumber' | 'nothing'
  /** Revisions beyond the history limit that nothing uses any more, oldest first. */
  expired: ControllerRevision[]
}

/**
 * What the history lacks, and what it has too much.
 * @param inUse names of revisions that pods were made of, or that the status names
 */
export function planRevisions(
  set: RevisedSet,
  kind: string,
  own: readonly ControllerRevision[],
  inUse: ReadonlySet<string>,
): RevisionPlan {
  const known = inOrder(own)
  const last = known.at(-1)?.revision ?? 0
  const same = known.findLast((revision) => sameJson(templateOf(revision), set.spec.template))
  const newest = same ?? revisionFor(set, kind, last + 1)
  const unused = known.filter(
    ({ metadata }) => metadata.name !== newest.metadata.name && !inUse.has(metadata.name ?? ''),
  )
  const surplus = unused.length - (set.spec.revisionHistoryLimit ?? 10)
  const renumbered = { ...newest, revision: last + 1 }
  const isLast = !same || same.revision === last
  return {
    newest: isLast ? newest : renumbered,
    need: same ? (isLast ? 'nothing' : 'renumber') : 'create',
    expired: unused.slice(0, Math.max(0, surplus)),
  }
}

/** Reads and writes the revisions of one kind of set. */
export class Revisions {
  readonly #deps: RoomDeps
  readonly #kind: string
  readonly #revisions: Informer<ControllerRevision>

  /** @param kind the kind of the sets: `DaemonSet` */
  constructor(deps: RoomDeps, kind: string) {
    this.#deps = deps
    this.#kind = kind
    this.#revisions = deps.informers.of(controllerRevisions)
    indexOwners(this.#revisions)
  }

  /** Brings the history up to date and answers the revision of the template as it is now. */
  async sync(set: RevisedSet, inUse: ReadonlySet<string>): Promise<ControllerRevision> {
    await this.#revisions.synced
    const plan = planRevisions(set, this.#kind, ownedBy(this.#revisions, set.metadata.uid), inUse)
    const { client } = this.#deps
    const { namespace } = set.metadata
    if (plan.need === 'create') {
      await client.create(controllerRevisions, plan.newest).catch((error: unknown) => {
        // Our own, not in view yet.
        if (!isAlreadyExists(error)) throw error
      })
    }
    if (plan.need === 'renumber') {
      const name = plan.newest.metadata.name ?? ''
      const patch = { revision: plan.newest.revision }
      await client.patch(controllerRevisions, { namespace, name }, patch, { type: 'merge' })
    }
    await allAtOnce(plan.expired, async ({ metadata: { name = '' } }) =>
      client.delete(controllerRevisions, { namespace, name }).catch(ignoreNotFound),
    )
    return plan.newest
  }

  /** The template of a revision of this set, if it is still known. */
  template(set: RevisedSet, name: string): PodTemplateSpec | undefined {
    const found = this.#revisions.get(`${set.metadata.namespace}/${name}`)
    return found && templateOf(found)
  }
}
