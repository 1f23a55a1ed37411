// The VerticalPodAutoscaler: remembers what containers use, says what they should ask for, and has pods recreated that ask
// for something else. New pods are given what is recommended by the API (server/api/kinds/pod-recommendation.ts).
import type { PodMetrics } from '../../shared/kubernetes/autoscaling.ts'
import type { Kind } from '../../shared/kubernetes/kinds.ts'
import {
  clusterRoles,
  cronJobs,
  customResourceDefinitions,
  daemonSets,
  deployments,
  jobs,
  limitRanges,
  pods,
  replicaSets,
  replicationControllers,
  statefulSets,
} from '../../shared/kubernetes/kinds.ts'
import { podMetrics } from '../../shared/kubernetes/measured-kinds.ts'
import type { Condition, KubeObject, OwnerReference } from '../../shared/kubernetes/meta.ts'
import { controllerOf, keyOf } from '../../shared/kubernetes/meta.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import type { LimitRange } from '../../shared/kubernetes/policy.ts'
import {
  policyFor,
  topController,
  verticalPodAutoscalers,
  type VerticalPodAutoscaler,
} from '../../shared/kubernetes/vertical.ts'
import type { ContainerRecommendation } from '../../shared/kubernetes/vertical-amounts.ts'
import { parseQuantity } from '../../shared/quantity.ts'
import { isAlreadyExists, isApiError, isNotFound } from '../../shared/status.ts'
import type { Timer } from '../machinery/clock.ts'
import { timeText } from '../machinery/clock.ts'
import type { EventRecorder } from '../machinery/events.ts'
import { createEventRecorder } from '../machinery/events.ts'
import type { Informer } from '../machinery/informer.ts'
import { messageOf } from '../machinery/log.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import { VERTICAL_DEFINITION, VERTICAL_ROLES } from './vertical-definition.ts'
import { planEvictions } from './vertical-evictions.ts'
import {
  addOutOfMemory,
  addSample,
  forgetOthers,
  newHistory,
  recommend,
  type UseHistory,
} from './vertical-recommendation.ts'

/** --recommender-interval and --updater-interval, at Kubernetes' own pace. */
const EVERY_MS = 60_000

/** The controllers that pods are found by. */
const TARGETS: readonly Kind[] = [
  deployments,
  replicaSets,
  statefulSets,
  daemonSets,
  replicationControllers,
  jobs,
  cronJobs,
]

/** Starts the autoscaler, and brings its kind into the cluster. */
export function startVertical(deps: RoomDeps, options: { speed: number }): Running {
  return new Vertical(deps, options)
}

class Vertical implements Running {
  readonly #deps: RoomDeps
  readonly #speed: number
  readonly #pods: Informer<Pod>
  readonly #ranges: Informer<LimitRange>
  readonly #events: EventRecorder
  #autoscalers: Informer<VerticalPodAutoscaler> | undefined
  /** By autoscaler and container. */
  readonly #histories = new Map<string, Map<string, UseHistory>>()
  #timer: Timer | undefined
  #closed = false
  #looking: Promise<void>

  constructor(deps: RoomDeps, { speed }: { speed: number }) {
    this.#deps = { ...deps, log: deps.log.named('vertical') }
    this.#speed = speed
    this.#pods = deps.informers.of(pods)
    this.#ranges = deps.informers.of(limitRanges)
    for (const kind of TARGETS) deps.informers.of(kind)
    this.#events = createEventRecorder({ ...deps, component: 'vpa-updater' })
    this.#looking = this.#begin()
  }

  async #begin(): Promise<void> {
    await this.#bring(customResourceDefinitions, VERTICAL_DEFINITION)
    for (const role of VERTICAL_ROLES) await this.#bring(clusterRoles, role)
    if (this.#closed) return
    this.#autoscalers = this.#deps.informers.of(verticalPodAutoscalers)
    this.#again()
  }

  async #bring(kind: Kind, object: KubeObject): Promise<void> {
    await this.#deps.client.create(kind, object).catch((error: unknown) => {
      const { name } = object.metadata
      if (!isAlreadyExists(error)) this.#deps.log.error(`${kind.kind} ${name} was not made`, error)
    })
  }

  #again(): void {
    this.#timer = this.#deps.clock.after(EVERY_MS / this.#speed, () => {
      this.#looking = this.#look()
        .catch((error: unknown) => this.#deps.log.warn(messageOf(error)))
        .finally(() => {
          if (!this.#closed) this.#again()
        })
    })
  }

  async #look(): Promise<void> {
    const autoscalers = [...(this.#autoscalers?.all() ?? [])]
    const known = new Set(autoscalers.map(({ metadata }) => metadata.uid ?? ''))
    for (const uid of this.#histories.keys()) if (!known.has(uid)) this.#histories.delete(uid)
    if (autoscalers.length === 0) return
    const { items } = await this.#deps.client.list<PodMetrics>(podMetrics)
    const measured = new Map(items.map((metrics) => [keyOf(metrics), metrics]))
    const byTarget = this.#podsByTarget()
    for (const autoscaler of autoscalers) {
      const own = byTarget.get(targetKeyOf(autoscaler)) ?? []
      await this.#serve(autoscaler, own, measured).catch((error: unknown) => {
        if (!isNotFound(error)) this.#deps.log.warn(messageOf(error))
      })
    }
  }

  async #serve(
    autoscaler: VerticalPodAutoscaler,
    own: readonly Pod[],
    measured: ReadonlyMap<string, PodMetrics>,
  ): Promise<void> {
    for (const pod of own) this.#remember(autoscaler, pod, measured.get(keyOf(pod)))
    const alive = new Set(own.map(({ metadata }) => metadata.uid ?? ''))
    for (const history of this.#historiesOf(autoscaler).values()) forgetOthers(history, alive)
    const advice = this.#advice(autoscaler, own)
    const status = {
      conditions: this.#conditions(autoscaler, own.length, advice.length),
      ...(advice.length > 0 && { recommendation: { containerRecommendations: advice } }),
    }
    const next = { ...autoscaler, status }
    if (JSON.stringify(status) !== JSON.stringify(autoscaler.status ?? {})) {
      await this.#deps.client.update(verticalPodAutoscalers, next, { subresource: 'status' })
    }
    const now = this.#deps.clock.now()
    const replicas = this.#replicasOf(autoscaler) ?? own.length
    const { namespace } = autoscaler.metadata
    const ranges = [...this.#ranges.all()].filter((each) => each.metadata.namespace === namespace)
    const evicted = planEvictions(next, own, replicas, now, this.#speed, ranges)
    for (const pod of evicted) await this.#evict(pod)
  }

  #historiesOf({ metadata: { uid = '' } }: VerticalPodAutoscaler): Map<string, UseHistory> {
    const containers = this.#histories.get(uid) ?? new Map<string, UseHistory>()
    this.#histories.set(uid, containers)
    return containers
  }

  #historyOf(autoscaler: VerticalPodAutoscaler, container: string): UseHistory {
    const containers = this.#historiesOf(autoscaler)
    const history = containers.get(container) ?? newHistory(this.#speed)
    containers.set(container, history)
    return history
  }

  #remember(autoscaler: VerticalPodAutoscaler, pod: Pod, metrics: PodMetrics | undefined): void {
    const { uid = '' } = pod.metadata
    for (const { name, resources } of pod.spec.containers) {
      const history = this.#historyOf(autoscaler, name)
      const usage = metrics?.containers.find((each) => each.name === name)?.usage
      if (usage) {
        const sample = {
          pod: uid,
          cpuCores: parseQuantity(usage.cpu) ?? 0,
          memoryBytes: parseQuantity(usage.memory) ?? 0,
          requestedCores: parseQuantity(resources?.requests?.['cpu']) ?? 0,
          at: Date.parse(metrics?.timestamp ?? '') || this.#deps.clock.now(),
        }
        addSample(history, sample, this.#speed)
      }
      this.#rememberKill(history, pod, name)
    }
  }

  #rememberKill(history: UseHistory, pod: Pod, container: string): void {
    const { uid = '' } = pod.metadata
    const state = pod.status?.containerStatuses?.find(({ name }) => name === container)
    const { reason, finishedAt = '' } = state?.lastState?.terminated ?? {}
    if (reason !== 'OOMKilled' || history.kills.get(uid) === finishedAt) return
    history.kills.set(uid, finishedAt)
    const { resources } = pod.spec.containers.find(({ name }) => name === container) ?? {}
    const allowed = resources?.limits?.['memory'] ?? resources?.requests?.['memory']
    const at = this.#deps.clock.now()
    addOutOfMemory(
      history,
      { pod: uid, allowedBytes: parseQuantity(allowed) ?? 0, at },
      this.#speed,
    )
  }

  #advice(autoscaler: VerticalPodAutoscaler, own: readonly Pod[]): ContainerRecommendation[] {
    const histories = [...this.#historiesOf(autoscaler)]
    const names = own[0]?.spec.containers.map(({ name }) => name)
    return histories.flatMap(([name, history]) => {
      const policy = policyFor(autoscaler, name)
      if (policy.mode === 'Off' || (names && !names.includes(name))) return []
      const containers = names?.length ?? histories.length
      return recommend(name, history, containers, policy, this.#speed) ?? []
    })
  }

  #conditions(autoscaler: VerticalPodAutoscaler, matched: number, advised: number): Condition[] {
    const { kind } = autoscaler.spec.targetRef
    const before = autoscaler.status?.conditions ?? []
    const said: Omit<Condition, 'lastTransitionTime'>[] = [
      { type: 'RecommendationProvided', status: advised > 0 ? 'True' : 'False' },
    ]
    if (!TARGETS.some((target) => target.kind === kind)) {
      const message = `The targetRef controller has a kind that is not supported: ${kind}`
      said.push({ type: 'ConfigUnsupported', status: 'True', message })
    }
    if (matched === 0) {
      const message = 'No pods match this VPA object'
      said.push({ type: 'NoPodsMatched', status: 'True', reason: 'NoPodsMatched', message })
    }
    const now = timeText(this.#deps.clock.now())
    return said.map((each) => {
      const old = before.find(({ type, status }) => type === each.type && status === each.status)
      return { ...each, lastTransitionTime: old?.lastTransitionTime ?? now }
    })
  }

  async #evict(pod: Pod): Promise<void> {
    const { namespace, name = '' } = pod.metadata
    const eviction = {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name, ...(namespace !== undefined && { namespace }) },
    }
    try {
      await this.#deps.client.create(pods, eviction as Pod, { subresource: 'eviction' })
    } catch (error) {
      // A disruption budget says not now.
      if (isApiError(error, 'TooManyRequests') || isNotFound(error)) return
      throw error
    }
    const message = 'Pod was evicted by VPA Updater to apply resource recommendation.'
    this.#events.event(pod, 'Normal', 'EvictedByVPA', message)
  }

  #replicasOf({ spec, metadata }: VerticalPodAutoscaler): number | undefined {
    const kind = TARGETS.find((target) => target.kind === spec.targetRef.kind)
    const key = `${metadata.namespace}/${spec.targetRef.name}`
    const object = kind && this.#deps.informers.of(kind).get(key)
    return (object as { spec?: { replicas?: number } } | undefined)?.spec?.replicas
  }

  #podsByTarget(): Map<string, Pod[]> {
    const found = new Map<string, Pod[]>()
    for (const pod of this.#pods.all()) {
      const { namespace = '' } = pod.metadata
      const top = topController(pod, (reference) => this.#ownerOf(namespace, reference))
      if (!top) continue
      const key = `${namespace}/${top.kind}/${top.name}`
      const held = found.get(key)
      if (held) held.push(pod)
      else found.set(key, [pod])
    }
    return found
  }

  #ownerOf(namespace: string, { kind, name }: OwnerReference): OwnerReference | undefined {
    const between = TARGETS.find((target) => target.kind === kind)
    const object = between && this.#deps.informers.of(between).get(`${namespace}/${name}`)
    return object && controllerOf(object)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    await this.#looking
    await this.#events.flushed()
  }
}

function targetKeyOf({ metadata, spec }: VerticalPodAutoscaler): string {
  return `${metadata.namespace ?? ''}/${spec.targetRef.kind}/${spec.targetRef.name}`
}
