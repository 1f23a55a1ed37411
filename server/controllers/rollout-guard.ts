// Rollouts that look after themselves: pauses a Deployment annotated for it when its new pods fail, and says why.
import { deployments, pods, replicaSets } from '../../shared/kubernetes/kinds.ts'
import { controllerOf } from '../../shared/kubernetes/meta.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { troubleOf } from '../../shared/kubernetes/pod-trouble.ts'
import {
  PAUSED_BECAUSE_ANNOTATION,
  PAUSED_PODS_ANNOTATION,
  PAUSED_REVISION_ANNOTATION,
  pausesOnFailure,
  selfPausedRevision,
} from '../../shared/kubernetes/rollout-pause.ts'
import type { Deployment, ReplicaSet } from '../../shared/kubernetes/workloads.ts'
import type { Controller, ReconcileResult } from '../machinery/controller.ts'
import { startController } from '../machinery/controller.ts'
import type { EventRecorder } from '../machinery/events.ts'
import { createEventRecorder } from '../machinery/events.ts'
import type { Informer } from '../machinery/informer.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import { indexOwners, ownedBy, referenceOf, source } from './owned.ts'
import type { GuardPlan } from './rollout-guard-plan.ts'
import { planGuard } from './rollout-guard-plan.ts'

const COMPONENT = 'rollout-guard'
const MAX_NAMED_PODS = 10

/** Starts the guard of rollouts. */
export function startRolloutGuard(deps: RoomDeps): Running {
  return new RolloutGuard(deps)
}

class RolloutGuard implements Running {
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
    this.#events = createEventRecorder({ ...deps, component: COMPONENT })
    this.#controller = startController(deps, {
      name: COMPONENT,
      for: deployments,
      watches: [source(pods, (pod) => this.#guarding(pod))],
      reconcile: (key) => this.#reconcile(key),
    })
  }

  /** The Deployment of a pod that fails. That others are late shows when the Deployment itself changes. */
  #guarding(pod: Pod): string[] {
    if (troubleOf(pod) === undefined) return []
    const owner = controllerOf(pod)
    if (owner?.kind !== replicaSets.kind) return []
    const namespace = pod.metadata.namespace ?? ''
    const set = this.#sets.get(`${namespace}/${owner.name}`)
    const above = set && controllerOf(set)
    if (above?.kind !== deployments.kind) return []
    const key = `${namespace}/${above.name}`
    const deployment = this.#deployments.get(key)
    return deployment && pausesOnFailure(deployment) ? [key] : []
  }

  async #reconcile(key: string): Promise<ReconcileResult> {
    const deployment = this.#deployments.get(key)
    if (!deployment) return
    if (!pausesOnFailure(deployment) && selfPausedRevision(deployment) === undefined) return
    const plan = planGuard({
      deployment,
      sets: ownedBy(this.#sets, deployment.metadata.uid),
      podsOf: ({ metadata }) => ownedBy(this.#pods, metadata.uid),
      now: this.#deps.clock.now(),
    })
    if (plan.do !== 'nothing') return this.#carryOut(deployment, plan)
    return plan.againInMs === undefined ? undefined : { againInMs: plan.againInMs }
  }

  async #carryOut(
    deployment: Deployment,
    plan: Exclude<GuardPlan, { do: 'nothing' }>,
  ): Promise<void> {
    switch (plan.do) {
      case 'pause':
        await this.#patch(deployment, { paused: true }, [
          plan.revision,
          plan.because,
          plan.pods.slice(0, MAX_NAMED_PODS).join(','),
        ])
        this.#say(deployment, 'Warning', 'RolloutPaused', pausedText(deployment, plan))
        break
      case 'resume':
        await this.#patch(deployment, { paused: null }, [null, null, null])
        this.#say(deployment, 'Normal', 'RolloutResumed', 'Resumed with a new template')
        break
      case 'forget':
        await this.#patch(deployment, undefined, [null, null, null])
        break
    }
  }

  /** Provided that nobody wrote the Deployment since it was read. */
  async #patch(
    { metadata }: Deployment,
    spec: { paused: true | null } | undefined,
    [revision, because, names]: [string | null, string | null, string | null],
  ): Promise<void> {
    const annotations = {
      [PAUSED_REVISION_ANNOTATION]: revision,
      [PAUSED_BECAUSE_ANNOTATION]: because,
      [PAUSED_PODS_ANNOTATION]: names,
    }
    const { namespace, name = '', resourceVersion } = metadata
    const patch = { metadata: { resourceVersion, annotations }, ...(spec && { spec }) }
    await this.#deps.client.patch(deployments, { namespace, name }, patch, { type: 'merge' })
  }

  #say(deployment: Deployment, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#events.event(referenceOf(deployments, deployment), type, reason, message)
  }

  close(): Promise<void> {
    return this.#controller.close()
  }
}

function pausedText(
  { metadata: { name } }: Deployment,
  { revision, because }: { revision: string; because: string },
): string {
  return `Paused the rollout of revision ${revision}: ${because} To proceed anyway: kubectl rollout resume deployment/${name}; to go back: set the earlier template again`
}
