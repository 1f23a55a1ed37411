// Deployments: carries out deployment-plan on ReplicaSets.
import { deployments, pods, replicaSets } from '../../shared/kubernetes/kinds.ts'
import { controllerOf, isBeingDeleted, keyOf } from '../../shared/kubernetes/meta.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { isPodTerminal } from '../../shared/kubernetes/pod.ts'
import type { Deployment, ReplicaSet } from '../../shared/kubernetes/workloads.ts'
import { REVISION_ANNOTATION } from '../../shared/kubernetes/workloads.ts'
import { matcherOf } from '../../shared/selectors.ts'
import { isAlreadyExists, isApiError, isNotFound } from '../../shared/status.ts'
import type { Controller, ReconcileResult } from '../machinery/controller.ts'
import { startController } from '../machinery/controller.ts'
import type { EventRecorder } from '../machinery/events.ts'
import { createEventRecorder } from '../machinery/events.ts'
import type { Informer } from '../machinery/informer.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import { sizeOf } from './deployment-budget.ts'
import { sameTemplate } from './deployment-history.ts'
import type { DeploymentPlan, Resize } from './deployment-plan.ts'
import { planDeployment } from './deployment-plan.ts'
import { progressing, withCondition } from './deployment-status.ts'
import { controllerReference } from './objects.ts'
import {
  adopt,
  candidatesOf,
  claim,
  indexOwners,
  ownedBy,
  referenceOf,
  release,
  source,
} from './owned.ts'

const COMPONENT = 'deployment-controller'
const BY_NAMESPACE = 'controllers/namespace'

/** Starts the Deployment controller. */
export function startDeployments(deps: RoomDeps): Running {
  return new DeploymentController(deps)
}

class DeploymentController implements Running {
  readonly #deps: RoomDeps
  readonly #deployments: Informer<Deployment>
  readonly #sets: Informer<ReplicaSet>
  readonly #pods: Informer<Pod>
  readonly #events: EventRecorder
  readonly #controller: Controller

  constructor(deps: RoomDeps) {
    this.#deps = deps
    this.#deployments = deps.informers.of(deployments)
    this.#sets = deps.informers.of(replicaSets)
    this.#pods = deps.informers.of(pods)
    indexOwners(this.#sets)
    indexOwners(this.#pods)
    this.#deployments.addIndex(BY_NAMESPACE, ({ metadata }) => [metadata.namespace ?? ''])
    this.#events = createEventRecorder({ ...deps, component: COMPONENT })
    this.#controller = startController(deps, {
      name: COMPONENT,
      for: deployments,
      watches: [
        source(replicaSets, (set) => this.#keysFor(set)),
        source(pods, (pod) => this.#recreating(pod)),
      ],
      reconcile: (key) => this.#reconcile(key),
    })
  }

  /** The Deployment of a set, or those that may want a set of nobody. */
  #keysFor(set: ReplicaSet): string[] {
    const owner = controllerOf(set)
    const { namespace = '', labels } = set.metadata
    if (owner) return owner.kind === deployments.kind ? [`${namespace}/${owner.name}`] : []
    return this.#deployments
      .byIndex(BY_NAMESPACE, namespace)
      .filter(({ spec }) => matcherOf(spec.selector)(labels))
      .map(keyOf)
  }

  /** A Deployment of type Recreate waits for the last old pod to be gone. */
  #recreating(pod: Pod): string[] {
    if (!isBeingDeleted(pod) && !isPodTerminal(pod)) return []
    const set = controllerOf(pod)
    if (set?.kind !== replicaSets.kind) return []
    const owner = this.#sets.get(`${pod.metadata.namespace}/${set.name}`)
    return (owner ? this.#keysFor(owner) : []).filter(
      (key) => this.#deployments.get(key)?.spec.strategy?.type === 'Recreate',
    )
  }

  async #reconcile(key: string): Promise<ReconcileResult> {
    await Promise.resolve()
    const deployment = this.#deployments.get(key)
    if (!deployment) return
    const sets = await this.#claimed(deployment)
    const plan = planDeployment({
      deployment,
      sets,
      hasPods: ({ metadata }) =>
        ownedBy(this.#pods, metadata.uid).some((pod) => !isPodTerminal(pod)),
      now: this.#deps.clock.now(),
    })
    await this.#carryOut(deployment, plan)
    return plan.againInMs === undefined ? undefined : { againInMs: plan.againInMs }
  }

  /** The sets of the Deployment, once it has taken on those of nobody and let go of those that do not match. */
  async #claimed(deployment: Deployment): Promise<ReplicaSet[]> {
    const { client } = this.#deps
    const { metadata, spec } = deployment
    const candidates = candidatesOf(this.#sets, metadata)
    const found = claim(metadata.uid, matcherOf(spec.selector), candidates, () => true)
    if (isBeingDeleted(deployment)) return found.own
    for (const set of found.release) await release(client, replicaSets, set, metadata.uid)
    const owner = controllerReference({ ...deployment, apiVersion: 'apps/v1' }, deployments.kind)
    const adopted: ReplicaSet[] = []
    for (const set of found.adopt) adopted.push(await adopt(client, replicaSets, set, owner))
    return [...found.own, ...adopted]
  }

  async #carryOut(deployment: Deployment, plan: DeploymentPlan): Promise<void> {
    const { client } = this.#deps
    if (plan.create && !(await this.#create(deployment, plan.create))) return
    for (const resize of plan.update) await this.#resize(deployment, resize)
    for (const { metadata } of plan.remove) await this.#remove(metadata.namespace, metadata.name)
    const { namespace, name = '' } = deployment.metadata
    let { resourceVersion } = deployment.metadata
    if (plan.revision !== undefined) {
      const patch = { metadata: { annotations: { [REVISION_ANNOTATION]: plan.revision } } }
      const written = await client.patch(deployments, { namespace, name }, patch, { type: 'merge' })
      // What was planned for an older spec is not written as the status of a newer one.
      if (written.metadata.generation !== deployment.metadata.generation) return
      resourceVersion = written.metadata.resourceVersion
    }
    if (!plan.status) return
    const metadata = { ...deployment.metadata, ...(resourceVersion && { resourceVersion }) }
    await client.update(
      deployments,
      { ...deployment, metadata, status: plan.status },
      { subresource: 'status' },
    )
  }

  /** Creates the set of the present template; false when the plan has to wait for a newer view. */
  async #create(deployment: Deployment, set: ReplicaSet): Promise<boolean> {
    try {
      await this.#deps.client.create(replicaSets, set)
    } catch (error) {
      if (isAlreadyExists(error)) return this.#collided(deployment, set)
      await this.#sayFailed(deployment, set, error)
      throw error
    }
    if (sizeOf(set) > 0) this.#sayScaled(deployment, { set, from: 0 })
    return true
  }

  /** The name is taken. If by somebody else, the hash is made anew with the next collision count. */
  async #collided(deployment: Deployment, set: ReplicaSet): Promise<false> {
    const { namespace, name = '', uid } = { ...set.metadata, uid: deployment.metadata.uid }
    const held = await this.#deps.client.get(replicaSets, { namespace, name })
    const ours =
      controllerOf(held)?.uid === uid && sameTemplate(held.spec.template, deployment.spec.template)
    if (ours) return false
    const collisionCount = (deployment.status?.collisionCount ?? 0) + 1
    const status = { ...deployment.status, collisionCount }
    const next = { ...deployment, status }
    await this.#deps.client.update(deployments, next, { subresource: 'status' })
    return false
  }

  async #sayFailed(deployment: Deployment, set: ReplicaSet, error: unknown): Promise<void> {
    if (!isApiError(error)) return
    const message = `Failed to create new replica set "${set.metadata.name}": ${error.message}`
    this.#say(deployment, 'Warning', 'ReplicaSetCreateError', message)
    const failed = progressing('False', 'ReplicaSetCreateError', message, this.#deps.clock.now())
    const held = deployment.status?.conditions ?? []
    const conditions = withCondition(held, failed)
    if (conditions.every((condition) => held.includes(condition))) return
    const status = { ...deployment.status, conditions }
    await this.#deps.client.update(
      deployments,
      { ...deployment, status },
      { subresource: 'status' },
    )
  }

  async #resize(deployment: Deployment, resize: Resize): Promise<void> {
    await this.#deps.client.update(replicaSets, resize.set)
    if (sizeOf(resize.set) !== resize.from) this.#sayScaled(deployment, resize)
  }

  async #remove(namespace: string | undefined, name = ''): Promise<void> {
    try {
      await this.#deps.client.delete(replicaSets, { namespace, name })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  #sayScaled(deployment: Deployment, { set, from }: Resize): void {
    const way = sizeOf(set) > from ? 'up' : 'down'
    const message = `Scaled ${way} replica set ${set.metadata.name} from ${from} to ${sizeOf(set)}`
    this.#say(deployment, 'Normal', 'ScalingReplicaSet', message)
  }

  #say(deployment: Deployment, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#events.event(referenceOf(deployments, deployment), type, reason, message)
  }

  close(): Promise<void> {
    return this.#controller.close()
  }
}
