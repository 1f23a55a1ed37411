// Carries out what replica-plan decides, for ReplicaSets and ReplicationControllers alike.
import type { Kind } from '../../shared/kubernetes/kinds.ts'
import { pods } from '../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../shared/kubernetes/meta.ts'
import { controllerOf, keyOf } from '../../shared/kubernetes/meta.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { isNotFound } from '../../shared/status.ts'
import { matcherOf } from '../../shared/selectors.ts'
import type { Controller, ReconcileResult } from '../machinery/controller.ts'
import { startController } from '../machinery/controller.ts'
import type { EventRecorder } from '../machinery/events.ts'
import { createEventRecorder } from '../machinery/events.ts'
import type { Informer, ObjectChange } from '../machinery/informer.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import { allAtOnce, BURST, slowStart } from './batches.ts'
import { carryOutClaim } from './claims.ts'
import { hearingOnly } from './filtered.ts'
import {
  controllerReference,
  ignoreNotFound,
  isNamespaceTerminating,
  podFromTemplate,
  sameJson,
} from './objects.ts'
import { candidatesOf, orphansIn, ownedBy, referenceOf } from './owned.ts'
import { PendingWrites } from './pending-writes.ts'
import type { PodTally } from './pod-tally.ts'
import { PodTallies } from './pod-tally.ts'
import type { ReplicaFailure, ReplicaOwner, ReplicaPlan } from './replica-plan.ts'
import { planFromCounts, planReplicas, replicaStatus, talliedBy } from './replica-plan.ts'
import type { Throttle } from './throttle.ts'
import { createThrottle } from './throttle.ts'

const BY_NAMESPACE = 'controllers/namespace'
/** Between two looks at a set whose pods change all the time: its status is written, and read by others, so often. */
const REST_MS = 40

/** How one of the two kinds is read. */
export interface ReplicaKind<T extends KubeObject> {
  kind: Kind<T>
  /** The name its events carry: `replicaset-controller`. */
  component: string
  read: (object: T) => ReplicaOwner
  /** Pods of other sets that the same object manages, when they matter for which pod goes first. */
  relatedPods?: (object: T, pods: Informer<Pod>) => readonly Pod[]
}

/** Keeps the asked-for number of pods for every object of a kind. */
export function startReplicaController<T extends KubeObject>(
  deps: RoomDeps,
  options: ReplicaKind<T>,
): Running {
  return new ReplicaController(deps, options)
}

class ReplicaController<T extends KubeObject> implements Running {
  readonly #deps: RoomDeps
  readonly #options: ReplicaKind<T>
  readonly #pods: Informer<Pod>
  readonly #owners: Informer<T>
  readonly #tallies: PodTallies
  readonly #writes: PendingWrites
  readonly #events: EventRecorder
  readonly #controller: Controller
  readonly #throttle: Throttle
  readonly #unsubscribe: (() => void)[]

  constructor(deps: RoomDeps, options: ReplicaKind<T>) {
    this.#deps = deps
    this.#options = options
    this.#pods = deps.informers.of(pods)
    this.#owners = deps.informers.of(options.kind)
    this.#tallies = new PodTallies(this.#pods)
    this.#owners.addIndex(BY_NAMESPACE, ({ metadata }) => [metadata.namespace ?? ''])
    this.#writes = new PendingWrites(this.#pods)
    this.#events = createEventRecorder({ ...deps, component: options.component })
    const enqueue = (key: string): void => this.#controller.enqueue(key)
    this.#throttle = createThrottle(deps.clock, () => REST_MS, enqueue)
    const informers = hearingOnly(deps.informers, (change) => !isStatusOnly(change))
    this.#controller = startController(
      { ...deps, informers },
      {
        name: options.component,
        for: options.kind,
        reconcile: (key) => this.#reconcile(key),
      },
    )
    this.#unsubscribe = [
      this.#tallies.close,
      this.#pods.subscribe((change) => this.#podChanged(change)),
      // Mostly the echo of a status of its own: not a reason to look through all pods at once.
      this.#owners.subscribe((change) => {
        if (isStatusOnly(change)) this.#throttle.touch(keyOf(change.object))
        if (change.type === 'deleted') this.#tallies.forget(change.object.metadata.uid ?? '')
      }),
    ]
  }

  #podChanged({ type, object, previous }: ObjectChange<Pod>): void {
    const owner = this.#touchOwner(object)
    const ownerBefore = previous && this.#touchOwner(previous)
    if (owner || type === 'deleted') return
    const sameLabels = sameJson(object.metadata.labels, previous?.metadata.labels)
    if (previous && sameLabels && !ownerBefore) return
    for (const candidate of this.#owners.byIndex(BY_NAMESPACE, object.metadata.namespace ?? '')) {
      const { selector } = this.#options.read(candidate)
      if (matcherOf(selector)(object.metadata.labels)) this.#throttle.touch(keyOf(candidate))
    }
  }

  /** Has the owner of the pod looked at, if it is of our kind; true when the pod has an owner. */
  #touchOwner(pod: Pod): boolean {
    const owner = controllerOf(pod)
    if (owner?.kind === this.#options.kind.kind) {
      this.#throttle.touch(`${pod.metadata.namespace}/${owner.name}`)
    }
    return owner !== undefined
  }

  async #reconcile(key: string): Promise<ReconcileResult> {
    // Waits at least for a moment, so never looks at a list that is half taken over.
    await this.#pods.synced
    const object = this.#owners.get(key)
    if (!object) {
      this.#writes.forget(key)
      return
    }
    if (!this.#writes.areInView(key)) return
    const owner = this.#options.read(object)
    const plan = this.#plan(object, owner)
    const failure = await this.#carryOut(key, object, owner, plan)
    const result = await this.#writeStatus(object, owner, failure)
    if (failure) throw new Error(failure.message)
    // One reconcile makes at most a burst of changes.
    if (plan.create > BURST || plan.remove.length > BURST) this.#controller.enqueue(key)
    return result
  }

  #plan(object: T, owner: ReplicaOwner): ReplicaPlan {
    const orphans = orphansIn(this.#pods, owner.metadata.namespace).length
    const quick = planFromCounts(owner, this.#tallyOf(owner), orphans)
    if (quick) return quick
    const candidates = candidatesOf(this.#pods, owner.metadata)
    const related = (): readonly Pod[] =>
      this.#options.relatedPods?.(object, this.#pods) ?? candidates
    return planReplicas(owner, candidates, related, this.#deps.clock.now())
  }

  #tallyOf(owner: ReplicaOwner): Readonly<PodTally> {
    return this.#tallies.of(owner.metadata.uid ?? '', talliedBy(owner))
  }

  async #carryOut(
    key: string,
    object: T,
    owner: ReplicaOwner,
    plan: ReplicaPlan,
  ): Promise<ReplicaFailure | undefined> {
    const reference = controllerReference(owner, owner.kind)
    await carryOutClaim(this.#deps.client, plan, reference, (pod) => this.#writes.wrote(key, pod))
    return (await this.#create(key, object, owner, plan)) ?? (await this.#remove(key, object, plan))
  }

  async #create(
    key: string,
    object: T,
    owner: ReplicaOwner,
    plan: ReplicaPlan,
  ): Promise<ReplicaFailure | undefined> {
    const reference = controllerReference(owner, owner.kind)
    const pod = podFromTemplate(owner.template, reference, owner.metadata.namespace ?? '')
    const { failure } = await slowStart(Math.min(plan.create, BURST), async () => {
      const created = await this.#deps.client.create(pods, pod)
      this.#writes.wrote(key, created)
      this.#say(object, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`)
    })
    if (failure === undefined || isNamespaceTerminating(failure)) return undefined
    const { message } = failure
    this.#say(object, 'Warning', 'FailedCreate', `Error creating: ${message}`)
    return { reason: 'FailedCreate', message }
  }

  async #remove(key: string, object: T, plan: ReplicaPlan): Promise<ReplicaFailure | undefined> {
    try {
      await allAtOnce(plan.remove.slice(0, BURST), (pod) => this.#removePod(key, object, pod))
      return undefined
    } catch (error) {
      return { reason: 'FailedDelete', message: (error as Error).message }
    }
  }

  async #removePod(key: string, object: T, pod: Pod): Promise<void> {
    const { namespace, name = '', uid = '' } = pod.metadata
    try {
      await this.#deps.client.delete(pods, { namespace, name }, { preconditions: { uid } })
      this.#writes.deleted(key, pod)
      this.#say(object, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`)
    } catch (error) {
      if (isNotFound(error)) {
        this.#writes.deleted(key, pod)
        return
      }
      this.#say(object, 'Warning', 'FailedDelete', `Error deleting: ${(error as Error).message}`)
      throw error
    }
  }

  async #writeStatus(
    object: T,
    owner: ReplicaOwner,
    failure: ReplicaFailure | undefined,
  ): Promise<ReconcileResult> {
    const own = (): readonly Pod[] => ownedBy(this.#pods, owner.metadata.uid)
    const now = this.#deps.clock.now()
    const counts = this.#tallyOf(owner)
    const { status, againInMs } = replicaStatus(owner, counts, own, failure, now)
    if (!sameJson(status, owner.status)) {
      const next = { ...object, status }
      await this.#deps.client
        .update(this.#options.kind, next, { subresource: 'status' })
        .catch(ignoreNotFound)
    }
    return againInMs === undefined ? undefined : { againInMs }
  }

  #say(object: T, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#events.event(referenceOf(this.#options.kind, object), type, reason, message)
  }

  async close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    this.#throttle.close()
    await this.#controller.close()
  }
}

/** Whether what is asked for stayed as it was. */
function isStatusOnly({ type, object, previous }: ObjectChange<KubeObject>): boolean {
  if (type !== 'modified' || !previous) return false
  const [now, before] = [object.metadata, previous.metadata]
  return (
    now.uid === before.uid &&
    now.generation === before.generation &&
    now.deletionTimestamp === before.deletionTimestamp &&
    sameJson(now.annotations, before.annotations) &&
    sameJson(now.labels, before.labels)
  )
}
