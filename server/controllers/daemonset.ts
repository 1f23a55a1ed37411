// DaemonSets: a pod on every node that suits.
import type { Node } from '../../shared/kubernetes/cluster.ts'
import { daemonSets, nodes, pods } from '../../shared/kubernetes/kinds.ts'
import { keyOf } from '../../shared/kubernetes/meta.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { isPodActive } from '../../shared/kubernetes/pod.ts'
import { REVISION_HASH_LABEL, type DaemonSet } from '../../shared/kubernetes/sets.ts'
import { matcherOf } from '../../shared/selectors.ts'
import { isNotFound } from '../../shared/status.ts'
import type { Controller, ReconcileResult } from '../machinery/controller.ts'
import { startController } from '../machinery/controller.ts'
import type { EventRecorder } from '../machinery/events.ts'
import { createEventRecorder } from '../machinery/events.ts'
import type { Informer, ObjectChange } from '../machinery/informer.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import { allAtOnce, slowStart } from './batches.ts'
import { carryOutClaim } from './claims.ts'
import { daemonTolerations, nodeOf, planDaemonSet } from './daemonset-plan.ts'
import { controllerReference, ignoreNotFound, podFromTemplate, sameJson } from './objects.ts'
import { candidatesOf, claim, indexOwners, referenceOf } from './owned.ts'
import { PendingWrites } from './pending-writes.ts'
import { Revisions } from './revisions.ts'

/** Starts the DaemonSet controller. */
export function startDaemonSets(deps: RoomDeps): Running {
  return new DaemonSetController(deps)
}

class DaemonSetController implements Running {
  readonly #deps: RoomDeps
  readonly #sets: Informer<DaemonSet>
  readonly #pods: Informer<Pod>
  readonly #nodes: Informer<Node>
  readonly #revisions: Revisions
  readonly #writes: PendingWrites
  readonly #events: EventRecorder
  readonly #controller: Controller
  readonly #unsubscribe: () => void

  constructor(deps: RoomDeps) {
    this.#deps = deps
    this.#sets = deps.informers.of(daemonSets)
    this.#pods = deps.informers.of(pods)
    this.#nodes = deps.informers.of(nodes)
    indexOwners(this.#pods)
    this.#revisions = new Revisions(deps, daemonSets.kind)
    this.#writes = new PendingWrites(this.#pods)
    this.#events = createEventRecorder({ ...deps, component: 'daemonset-controller' })
    this.#controller = startController(deps, {
      name: 'daemonset-controller',
      for: daemonSets,
      owns: [pods],
      reconcile: (key) => this.#reconcile(key),
    })
    this.#unsubscribe = this.#nodes.subscribe((change) => this.#nodeChanged(change))
  }

  /** Heartbeats are no reason to look: only what pods go by. */
  #nodeChanged({ type, object, previous }: ObjectChange<Node>): void {
    const isSame =
      type === 'modified' &&
      sameJson(object.metadata.labels, previous?.metadata.labels) &&
      sameJson(object.spec, previous?.spec)
    if (isSame) return
    for (const set of this.#sets.all()) this.#controller.enqueue(keyOf(set))
  }

  async #reconcile(key: string): Promise<ReconcileResult> {
    await Promise.all([this.#pods.synced, this.#nodes.synced])
    const set = this.#sets.get(key)
    if (!set) return this.#writes.forget(key)
    if (!this.#writes.areInView(key)) return
    const own = await this.#claimed(key, set)
    const hashOf = ({ metadata }: Pod) => metadata.labels?.[REVISION_HASH_LABEL] ?? ''
    const inUse = new Set(own.map((pod) => `${set.metadata.name}-${hashOf(pod)}`))
    const newest = await this.#revisions.sync(set, inUse)
    const revision = newest.metadata.labels?.[REVISION_HASH_LABEL] ?? ''
    const now = this.#deps.clock.now()
    const plan = planDaemonSet(set, own, this.#nodes.all(), revision, now)
    for (const pod of plan.failed) this.#sayFailed(set, pod)
    await allAtOnce(plan.remove, (pod) => this.#remove(key, set, pod))
    const failure = await this.#create(key, set, plan.create, revision)
    if (!sameJson(plan.status, set.status)) {
      await this.#deps.client
        .update(daemonSets, { ...set, status: plan.status }, { subresource: 'status' })
        .catch(ignoreNotFound)
    }
    if (failure) throw failure
    return plan.againInMs === undefined ? undefined : { againInMs: plan.againInMs }
  }

  async #claimed(key: string, set: DaemonSet): Promise<Pod[]> {
    const matches = matcherOf(set.spec.selector)
    const candidates = candidatesOf(this.#pods, set.metadata)
    const { own, ...found } = claim(set.metadata.uid, matches, candidates, isPodActive)
    const reference = controllerReference({ ...set, apiVersion: 'apps/v1' }, daemonSets.kind)
    await carryOutClaim(this.#deps.client, found, reference, (pod) => this.#writes.wrote(key, pod))
    return [...own, ...found.adopt]
  }

  async #create(
    key: string,
    set: DaemonSet,
    names: readonly string[],
    revision: string,
  ): Promise<Error | undefined> {
    let next = 0
    const { failure } = await slowStart(names.length, async () => {
      const pod = podFor(set, names[next++] ?? '', revision)
      const created = await this.#deps.client.create(pods, pod)
      this.#writes.wrote(key, created)
      this.#say(set, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`)
    })
    if (failure) this.#say(set, 'Warning', 'FailedCreate', `Error creating: ${failure.message}`)
    return failure
  }

  #sayFailed(set: DaemonSet, pod: Pod): void {
    const { namespace, name } = pod.metadata
    const how = pod.status?.phase === 'Succeeded' ? 'succeeded' : 'failed'
    const what = `Found ${how} daemon pod ${namespace}/${name} on node ${nodeOf(pod)}, will try to ${how === 'failed' ? 'kill' : 'delete'} it`
    if (how === 'failed') this.#say(set, 'Warning', 'FailedDaemonPod', what)
    else this.#say(set, 'Normal', 'SucceededDaemonPod', what)
  }

  async #remove(key: string, set: DaemonSet, pod: Pod): Promise<void> {
    const { namespace, name = '', uid = '' } = pod.metadata
    try {
      await this.#deps.client.delete(pods, { namespace, name }, { preconditions: { uid } })
      this.#say(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`)
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
    this.#writes.deleted(key, pod)
  }

  #say(set: DaemonSet, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#events.event(referenceOf(daemonSets, set), type, reason, message)
  }

  async close(): Promise<void> {
    this.#unsubscribe()
    await this.#controller.close()
  }
}

/** The pod for one node: the scheduler binds it, to that node and no other (ReplaceDaemonSetPodNodeNameNodeAffinity). */
function podFor(set: DaemonSet, node: string, revision: string): Pod {
  const reference = controllerReference({ ...set, apiVersion: 'apps/v1' }, daemonSets.kind)
  const pod = podFromTemplate(set.spec.template, reference, set.metadata.namespace ?? '')
  pod.metadata.labels = { ...pod.metadata.labels, [REVISION_HASH_LABEL]: revision }
  const { affinity, ...spec } = pod.spec
  const preferred = affinity?.['nodeAffinity'] ?? {}
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: [node] }]
  pod.spec = {
    ...spec,
    tolerations: daemonTolerations(spec),
    affinity: {
      ...affinity,
      nodeAffinity: {
        ...preferred,
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] },
      },
    },
  }
  return pod
}
