// HorizontalPodAutoscalers: looks at each every sync period, and scales its target by what the plan says.
import type { HorizontalPodAutoscaler } from '../../shared/kubernetes/autoscaling.ts'
import * as kinds from '../../shared/kubernetes/kinds.ts'
import type { Kind } from '../../shared/kubernetes/kinds.ts'
import { apiVersionOf, horizontalPodAutoscalers, pods } from '../../shared/kubernetes/kinds.ts'
import type { Condition, KubeObject } from '../../shared/kubernetes/meta.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { parseQuantity } from '../../shared/quantity.ts'
import { matcherOf, parseSelector } from '../../shared/selectors.ts'
import type { Controller } from '../machinery/controller.ts'
import { startController } from '../machinery/controller.ts'
import type { EventRecorder } from '../machinery/events.ts'
import { createEventRecorder } from '../machinery/events.ts'
import { timeText } from '../machinery/clock.ts'
import type { Informer } from '../machinery/informer.ts'
import { messageOf } from '../machinery/log.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import type { History } from './behavior.ts'
import { evaluate } from './evaluate.ts'
import type { Plan } from './horizontal-plan.ts'
import { planScale } from './horizontal-plan.ts'
import type { Timing } from './replica-calculator.ts'

/** kube-controller-manager's flags of the same names, divided by `speed`. */
export interface HorizontalOptions {
  /** How many times faster than Kubernetes' own pace: 1 is that. */
  speed: number
}

const SYNC_MS = 15_000
const DOWNSCALE_STABILIZATION_MS = 300_000
const CPU_INITIALIZATION_MS = 300_000
const INITIAL_READINESS_MS = 30_000
const TOLERANCE = 0.1
/** The longest window a spec may ask for (stabilizationWindowSeconds, periodSeconds): what history is kept for. */
const LONGEST_WINDOW_MS = 3_600_000
const COMPONENT = 'horizontal-pod-autoscaler'

interface Scale extends KubeObject {
  spec: { replicas?: number }
  status: { replicas: number; selector?: string }
}

interface Past {
  recommendations: { at: number; replicas: number }[]
  changes: { at: number; by: number }[]
}

/** Starts the autoscaler. */
export function startHorizontal(deps: RoomDeps, options: HorizontalOptions): Running {
  return new Horizontal(deps, options)
}

class Horizontal implements Running {
  readonly #deps: RoomDeps
  readonly #speed: number
  readonly #autoscalers: Informer<HorizontalPodAutoscaler>
  readonly #pods: Informer<Pod>
  readonly #events: EventRecorder
  readonly #past = new Map<string, Past>()
  readonly #controller: Controller

  constructor(deps: RoomDeps, { speed }: HorizontalOptions) {
    this.#deps = deps
    this.#speed = speed
    this.#autoscalers = deps.informers.of(horizontalPodAutoscalers)
    this.#pods = deps.informers.of(pods)
    this.#events = createEventRecorder({ ...deps, component: COMPONENT })
    this.#controller = startController(deps, {
      name: COMPONENT,
      for: horizontalPodAutoscalers,
      reconcile: (key) => this.#reconcile(key),
    })
  }

  async #reconcile(key: string) {
    const hpa = this.#autoscalers.get(key)
    if (!hpa || hpa.metadata.deletionTimestamp !== undefined) {
      this.#past.delete(key)
      return
    }
    const againInMs = SYNC_MS / this.#speed
    const target = kindOf(hpa)
    const scale = await this.#scaleOf(hpa, target)
    if (!scale || !target) return { againInMs }
    const current = scale.spec.replicas ?? 0
    const past = this.#past.get(key) ?? { recommendations: [], changes: [] }
    this.#past.set(key, past)
    const now = this.#deps.clock.now()
    const plan = await this.#plan(hpa, scale, past, now)
    for (const { reason, message } of plan.failures) {
      this.#events.event(hpa, 'Warning', reason, message)
    }
    const done = await this.#rescale(hpa, target, current, plan)
    this.#remember(past, plan, done ? (plan.replicas ?? current) - current : 0, now)
    await this.#tell(hpa, plan, scale.status.replicas, current, done)
    return { againInMs }
  }

  async #plan(
    hpa: HorizontalPodAutoscaler,
    scale: Scale,
    past: History,
    now: number,
  ): Promise<Plan> {
    const namespace = hpa.metadata.namespace ?? ''
    const selector = scale.status.selector ?? ''
    const matches = matcherOf(parseSelector(selector))
    const scene = {
      client: this.#deps.client,
      namespace,
      selector,
      pods: [...this.#pods.all()].filter(
        ({ metadata }) => metadata.namespace === namespace && matches(metadata.labels),
      ),
      currentReplicas: scale.status.replicas,
      timing: this.#timing(hpa),
      now,
    }
    const evaluated = await Promise.all(
      (hpa.spec.metrics ?? []).map((spec) => evaluate(spec, scene)),
    )
    const limits = {
      downscaleStabilizationMs: DOWNSCALE_STABILIZATION_MS / this.#speed,
      speed: this.#speed,
    }
    return planScale(hpa, scale.spec.replicas ?? 0, evaluated, limits, past, now)
  }

  #timing({ spec: { behavior } }: HorizontalPodAutoscaler): Timing {
    const own = (text: string | undefined): number => parseQuantity(text) ?? TOLERANCE
    return {
      tolerance: {
        up: own(behavior?.scaleUp?.tolerance),
        down: own(behavior?.scaleDown?.tolerance),
      },
      cpuInitializationMs: CPU_INITIALIZATION_MS / this.#speed,
      initialReadinessMs: INITIAL_READINESS_MS / this.#speed,
    }
  }

  async #scaleOf(
    hpa: HorizontalPodAutoscaler,
    target: Kind | undefined,
  ): Promise<Scale | undefined> {
    const { kind, name, apiVersion = 'v1' } = hpa.spec.scaleTargetRef
    try {
      if (!target) throw new Error(`no matches for kind "${kind}" in version "${apiVersion}"`)
      const key = { namespace: hpa.metadata.namespace, name }
      return (await this.#deps.client.get(target, key, 'scale')) as Scale
    } catch (error) {
      const message = messageOf(error)
      this.#events.event(hpa, 'Warning', 'FailedGetScale', message)
      const said = `the HPA controller was unable to get the target's current scale: ${message}`
      await this.#write(hpa, {
        ...(hpa.status ?? { desiredReplicas: 0 }),
        conditions: this.#conditions(hpa, [
          { type: 'AbleToScale', status: 'False', reason: 'FailedGetScale', message: said },
        ]),
      })
      return undefined
    }
  }

  /** True when the target was scaled. */
  async #rescale(
    hpa: HorizontalPodAutoscaler,
    target: Kind,
    current: number,
    plan: Plan,
  ): Promise<boolean> {
    if (plan.replicas === undefined || plan.replicas === current) return false
    const { name } = hpa.spec.scaleTargetRef
    const key = { namespace: hpa.metadata.namespace, name }
    const patch = { spec: { replicas: plan.replicas } }
    try {
      await this.#deps.client.patch(target, key, patch, { type: 'merge', subresource: 'scale' })
    } catch (error) {
      const message = `New size: ${plan.replicas}; reason: ${plan.reason}; error: ${messageOf(error)}`
      this.#events.event(hpa, 'Warning', 'FailedRescale', message)
      throw error
    }
    const message = `New size: ${plan.replicas}; reason: ${plan.reason}`
    this.#events.event(hpa, 'Normal', 'SuccessfulRescale', message)
    return true
  }

  #remember(past: Past, { recommended }: Plan, by: number, now: number): void {
    if (recommended !== undefined) past.recommendations.push({ at: now, replicas: recommended })
    if (by !== 0) past.changes.push({ at: now, by })
    const since = now - LONGEST_WINDOW_MS / this.#speed
    while (past.recommendations[0] && past.recommendations[0].at < since)
      past.recommendations.shift()
    while (past.changes[0] && past.changes[0].at < since) past.changes.shift()
  }

  async #tell(
    hpa: HorizontalPodAutoscaler,
    plan: Plan,
    currentReplicas: number,
    specReplicas: number,
    done: boolean,
  ): Promise<void> {
    const scaled: Condition = {
      type: 'AbleToScale',
      status: 'True',
      reason: 'SucceededRescale',
      message: `the HPA controller was able to update the target scale to ${plan.replicas}`,
    }
    const others = plan.conditions.filter(({ type }) => !done || type !== 'AbleToScale')
    const { lastScaleTime } = hpa.status ?? {}
    const when = done ? timeText(this.#deps.clock.now()) : lastScaleTime
    await this.#write(hpa, {
      observedGeneration: hpa.metadata.generation ?? 0,
      ...(when !== undefined && { lastScaleTime: when }),
      currentReplicas,
      desiredReplicas: plan.replicas ?? hpa.status?.desiredReplicas ?? specReplicas,
      currentMetrics: plan.metrics,
      conditions: this.#conditions(hpa, done ? [scaled, ...others] : others),
    })
  }

  /** The conditions there were, with these put in; a time changes only with the status it is of. */
  #conditions(hpa: HorizontalPodAutoscaler, said: readonly Condition[]): Condition[] {
    const now = timeText(this.#deps.clock.now())
    const before = hpa.status?.conditions ?? []
    const kept = before.filter(({ type }) => !said.some((each) => each.type === type))
    const put = said.map((each) => {
      const old = before.find(({ type }) => type === each.type)
      const isSame = old?.status === each.status && old.lastTransitionTime !== undefined
      return { ...each, lastTransitionTime: isSame ? old.lastTransitionTime : now }
    })
    return [...kept, ...put] as Condition[]
  }

  async #write(
    hpa: HorizontalPodAutoscaler,
    status: NonNullable<HorizontalPodAutoscaler['status']>,
  ): Promise<void> {
    if (JSON.stringify(hpa.status) === JSON.stringify(status)) return
    const next = { ...hpa, status }
    await this.#deps.client.update(horizontalPodAutoscalers, next, { subresource: 'status' })
  }

  async close(): Promise<void> {
    await this.#controller.close()
    await this.#events.flushed()
  }
}

/** The kind an autoscaler points at, if the cluster has it. */
function kindOf({ spec }: HorizontalPodAutoscaler): Kind | undefined {
  const { kind, apiVersion = 'v1' } = spec.scaleTargetRef
  return Object.values(kinds)
    .filter((value): value is Kind => typeof value === 'object')
    .find((known) => known.kind === kind && apiVersionOf(known) === apiVersion)
}
