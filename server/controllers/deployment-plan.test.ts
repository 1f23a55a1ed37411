import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Condition } from '../../shared/kubernetes/meta.ts'
import { conditionOf } from '../../shared/kubernetes/meta.ts'
import {
  PAUSE_ON_FAILURE_ANNOTATION,
  PAUSED_REVISION_ANNOTATION,
} from '../../shared/kubernetes/rollout-pause.ts'
import type { Deployment, DeploymentSpec, ReplicaSet } from '../../shared/kubernetes/workloads.ts'
import { REVISION_ANNOTATION } from '../../shared/kubernetes/workloads.ts'
import { rollingBudget, sizeOf } from './deployment-budget.ts'
import { revisionOf, sameTemplate, templateHash } from './deployment-history.ts'
import type { DeploymentPlan } from './deployment-plan.ts'
import { planDeployment } from './deployment-plan.ts'
import { makeDeployment, stored, T0, withPods } from './testing/objects.ts'

const rolling = (maxSurge: number | string, maxUnavailable: number | string) => ({
  strategy: { type: 'RollingUpdate' as const, rollingUpdate: { maxSurge, maxUnavailable } },
})
const withImage = (deployment: Deployment, image: string): Deployment => {
  const { metadata, spec } = deployment.spec.template
  const containers = [{ ...spec.containers[0]!, image }]
  const template = { ...(metadata && { metadata }), spec: { ...spec, containers } }
  return bump({ ...deployment, spec: { ...deployment.spec, template } })
}
const withSpec = (deployment: Deployment, spec: Partial<DeploymentSpec>): Deployment =>
  bump({ ...deployment, spec: { ...deployment.spec, ...spec } })
const bump = (deployment: Deployment): Deployment => ({
  ...deployment,
  metadata: { ...deployment.metadata, generation: (deployment.metadata.generation ?? 0) + 1 },
})

/** A Deployment and its sets whose pods come and go as they are told to. */
class World {
  deployment: Deployment
  sets: ReplicaSet[] = []
  now = T0
  constructor(deployment: Deployment) {
    this.deployment = deployment
  }

  plan(): DeploymentPlan {
    return planDeployment({
      deployment: this.deployment,
      sets: this.sets,
      hasPods: (set) => (set.status?.replicas ?? 0) > 0,
      now: this.now,
    })
  }

  step(): DeploymentPlan {
    const plan = this.plan()
    const updated = new Map(plan.update.map(({ set }) => [set.metadata.name, set]))
    this.sets = this.sets
      .filter((set) => !plan.remove.includes(set))
      .map((set) => updated.get(set.metadata.name) ?? set)
    if (plan.create) this.sets.push(stored(plan.create, this.now))
    const annotations = { ...this.deployment.metadata.annotations }
    if (plan.revision) annotations[REVISION_ANNOTATION] = plan.revision
    this.deployment = {
      ...this.deployment,
      metadata: { ...this.deployment.metadata, annotations },
      ...(plan.status && { status: plan.status }),
    }
    this.now += 1000
    return plan
  }

  /** Every set gets its pods, all available. */
  pods(available: (set: ReplicaSet) => boolean = () => true): void {
    this.sets = this.sets.map((set) => withPods(set, sizeOf(set), available(set) ? sizeOf(set) : 0))
  }

  converge(): void {
    for (let round = 0; round < 200; round += 1) {
      this.pods()
      if (isIdle(this.step())) return
    }
    throw new Error('does not converge')
  }

  condition(type: string): Condition | undefined {
    return conditionOf(this.deployment.status?.conditions, type)
  }
  sizes(): Record<string, number> {
    return Object.fromEntries(
      this.sets.map((set) => [set.spec.template?.spec.containers[0]?.image ?? '', sizeOf(set)]),
    )
  }
}

const isIdle = (plan: DeploymentPlan): boolean =>
  !plan.create && !plan.revision && !plan.status && plan.update.length + plan.remove.length === 0

function running(spec: Partial<DeploymentSpec> = {}): World {
  const world = new World(makeDeployment(spec))
  world.converge()
  return world
}

describe('budgets', () => {
  test.each([
    [10, '25%', '25%', { maxSurge: 3, maxUnavailable: 2 }],
    [3, '25%', '25%', { maxSurge: 1, maxUnavailable: 0 }],
    [1, 0, '50%', { maxSurge: 0, maxUnavailable: 1 }],
    [4, 1, 0, { maxSurge: 1, maxUnavailable: 0 }],
    [2, 0, 5, { maxSurge: 0, maxUnavailable: 2 }],
    [0, 1, 1, { maxSurge: 1, maxUnavailable: 0 }],
  ])('%i replicas, surge %s, unavailable %s', (replicas, surge, unavailable, expected) => {
    const deployment = makeDeployment({ replicas, ...rolling(surge, unavailable) })
    expect(rollingBudget(deployment)).toEqual(expected)
  })
})

describe('templates', () => {
  test('a hash is stable, made of safe letters, and moves with collisions', () => {
    const { template } = makeDeployment().spec
    expect(templateHash(template, 0)).toMatch(/^[bcdfghjklmnpqrstvwxz2-9]{1,10}$/)
    expect(templateHash(template, 0)).toBe(templateHash(structuredClone(template), 0))
    expect(templateHash(template, 0)).not.toBe(templateHash(template, 1))
  })

  test('equal but for the hash label and the order of keys', () => {
    const { template } = makeDeployment().spec
    const labels = { 'pod-template-hash': 'x', app: 'web' }
    expect(sameTemplate(template, { spec: template.spec, metadata: { labels } })).toBe(true)
    expect(sameTemplate(template, { ...template, metadata: { labels: { app: 'db' } } })).toBe(false)
  })
})

describe('a first rollout', () => {
  test('creates a set of full size, named after the hash', () => {
    const world = new World(makeDeployment())
    const { create, revision } = world.step()
    const hash = templateHash(world.deployment.spec.template, 0)
    expect(create?.metadata.name).toBe(`web-${hash}`)
    expect(create?.spec.replicas).toBe(3)
    expect(create?.spec.selector.matchLabels).toEqual({ app: 'web', 'pod-template-hash': hash })
    expect(create?.spec.template?.metadata?.labels).toEqual({
      app: 'web',
      'pod-template-hash': hash,
    })
    expect(create?.metadata.annotations).toEqual({
      'deployment.kubernetes.io/revision': '1',
      'deployment.kubernetes.io/desired-replicas': '3',
      'deployment.kubernetes.io/max-replicas': '4',
    })
    expect(revision).toBe('1')
    expect(world.condition('Progressing')).toMatchObject({ reason: 'NewReplicaSetCreated' })
    expect(world.condition('Available')).toMatchObject({
      status: 'False',
      reason: 'MinimumReplicasUnavailable',
    })
  })

  test('ends with NewReplicaSetAvailable and counts that rollout status goes by', () => {
    const world = running()
    expect(world.condition('Progressing')).toMatchObject({
      status: 'True',
      reason: 'NewReplicaSetAvailable',
      message: `ReplicaSet "${world.sets[0]?.metadata.name}" has successfully progressed.`,
    })
    expect(world.deployment.status).toMatchObject({
      observedGeneration: 1,
      replicas: 3,
      updatedReplicas: 3,
      availableReplicas: 3,
    })
    expect(world.deployment.status).not.toHaveProperty('unavailableReplicas')
  })
})

describe('a rolling update', () => {
  test('adds the surge first, then replaces step by step', () => {
    const world = running({ replicas: 3, ...rolling(1, 0) })
    world.deployment = withImage(world.deployment, 'nginx:v2')
    world.step()
    expect(world.sizes()).toEqual({ 'nginx:v1': 3, 'nginx:v2': 1 })
    world.pods((set) => set.spec.template?.spec.containers[0]?.image === 'nginx:v1')
    expect(world.step().update).toEqual([])
    world.pods()
    world.step()
    expect(world.sizes()).toEqual({ 'nginx:v1': 2, 'nginx:v2': 1 })
    world.converge()
    expect(world.sizes()).toEqual({ 'nginx:v1': 0, 'nginx:v2': 3 })
    expect(world.deployment.metadata.annotations?.[REVISION_ANNOTATION]).toBe('2')
  })

  test('that looks after itself waits with the next step until the last is available', () => {
    const world = running({ replicas: 6, ...rolling(2, 0) })
    const { metadata } = world.deployment
    const guarded = (more = {}): Deployment => ({
      ...world.deployment,
      metadata: {
        ...world.deployment.metadata,
        annotations: { ...metadata.annotations, [PAUSE_ON_FAILURE_ANNOTATION]: 'true', ...more },
      },
    })
    world.deployment = withImage(guarded(), 'nginx:v2')
    world.step()
    expect(world.sizes()).toEqual({ 'nginx:v1': 6, 'nginx:v2': 2 })
    const half = (set: ReplicaSet): ReplicaSet =>
      set.spec.template?.spec.containers[0]?.image === 'nginx:v2' ? withPods(set, 2, 1) : set
    world.sets = world.sets.map(half)
    world.step()
    world.sets = world.sets.map(half)
    world.step()
    expect(world.sizes()).toEqual({ 'nginx:v1': 5, 'nginx:v2': 2 })
    world.deployment = guarded({ [PAUSED_REVISION_ANNOTATION]: '2' })
    world.step()
    expect(world.sizes()).toEqual({ 'nginx:v1': 5, 'nginx:v2': 3 })
  })

  test('takes away pods that serve nobody first', () => {
    const world = running({ replicas: 4, ...rolling(1, 1) })
    world.deployment = withImage(world.deployment, 'nginx:bad')
    world.step()
    world.pods((set) => set.spec.template?.spec.containers[0]?.image === 'nginx:v1')
    world.step()
    world.deployment = withImage(world.deployment, 'nginx:v2')
    world.step()
    world.pods((set) => set.spec.template?.spec.containers[0]?.image === 'nginx:v1')
    world.step()
    expect(world.sizes()['nginx:bad']).toBe(0)
    expect(world.sizes()['nginx:v1']).toBe(3)
  })

  test('undo uses the old set again under a new revision', () => {
    const world = running()
    const first = world.sets[0]?.metadata.name
    world.deployment = withImage(world.deployment, 'nginx:v2')
    world.converge()
    world.deployment = withImage(world.deployment, 'nginx:v1')
    world.converge()
    expect(world.sets).toHaveLength(2)
    const back = world.sets.find((set) => set.metadata.name === first)!
    expect(sizeOf(back)).toBe(3)
    expect(revisionOf(back)).toBe(3)
    expect(back.metadata.annotations?.['deployment.kubernetes.io/revision-history']).toBe('1')
  })

  test('keeps no more old sets than the history limit', () => {
    const world = running({ revisionHistoryLimit: 2 })
    for (const version of [2, 3, 4, 5]) {
      world.deployment = withImage(world.deployment, `nginx:v${version}`)
      world.converge()
    }
    expect(Object.keys(world.sizes())).toEqual(['nginx:v3', 'nginx:v4', 'nginx:v5'])
  })

  test('a rollout that stands still is said to be stuck after the deadline, and says when to look', () => {
    const world = running({ progressDeadlineSeconds: 60 })
    world.deployment = withImage(world.deployment, 'nginx:bad')
    world.step()
    world.pods((set) => set.spec.template?.spec.containers[0]?.image === 'nginx:v1')
    world.step()
    expect(world.plan().againInMs).toBeGreaterThan(50_000)
    world.now += 61_000
    world.step()
    expect(world.condition('Progressing')).toMatchObject({
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
    })
    expect(world.plan().againInMs).toBeUndefined()
  })
})

describe('scaling', () => {
  test('a finished rollout just changes its set', () => {
    const world = running()
    world.deployment = withSpec(world.deployment, { replicas: 10 })
    const { update } = world.step()
    expect(update.map(({ set, from }) => [from, sizeOf(set)])).toEqual([[3, 10]])
  })

  test('in the middle of a rollout all sets change in proportion', () => {
    const world = running({ replicas: 10, ...rolling(3, 2) })
    world.deployment = withImage(world.deployment, 'nginx:v2')
    world.step()
    world.step()
    expect(world.sizes()).toEqual({ 'nginx:v1': 8, 'nginx:v2': 5 })
    world.pods((set) => set.spec.template?.spec.containers[0]?.image === 'nginx:v1')
    world.deployment = withSpec(world.deployment, { replicas: 15 })
    world.step()
    expect(world.sizes()).toEqual({ 'nginx:v1': 11, 'nginx:v2': 7 })
  })

  test('to zero', () => {
    const world = running()
    world.deployment = withSpec(world.deployment, { replicas: 0 })
    world.converge()
    expect(world.sizes()).toEqual({ 'nginx:v1': 0 })
    expect(world.condition('Available')?.status).toBe('True')
  })
})

describe('pause', () => {
  test('a paused Deployment scales but does not roll, and says so; resumed it goes on', () => {
    const world = running()
    world.deployment = withSpec(withImage(world.deployment, 'nginx:v2'), {
      paused: true,
      replicas: 5,
    })
    world.converge()
    expect(world.sizes()).toEqual({ 'nginx:v1': 5 })
    expect(world.condition('Progressing')).toMatchObject({
      status: 'Unknown',
      reason: 'DeploymentPaused',
    })
    world.deployment = withSpec(world.deployment, { paused: false })
    world.step()
    world.converge()
    expect(world.sizes()).toEqual({ 'nginx:v1': 0, 'nginx:v2': 5 })
  })
})

describe('Recreate', () => {
  test('the new pods come when the last old one is gone', () => {
    const world = running({ strategy: { type: 'Recreate' } })
    world.deployment = withImage(world.deployment, 'nginx:v2')
    world.step()
    expect(world.sizes()).toEqual({ 'nginx:v1': 0 })
    world.step()
    expect(world.sets).toHaveLength(1)
    world.converge()
    expect(world.sizes()).toEqual({ 'nginx:v1': 0, 'nginx:v2': 3 })
  })
})

describe('always', () => {
  const anyLimit = fc.oneof(
    fc.nat(4),
    fc.nat(100).map((percent) => `${percent}%`),
  )
  const anyEvent = fc.oneof(
    fc.record({ type: fc.constant('image' as const), version: fc.nat(4) }),
    fc.record({ type: fc.constant('pods' as const), luck: fc.array(fc.nat(3), { maxLength: 6 }) }),
    fc.constant({ type: 'plan' as const }),
  )

  test('an update keeps within its budget, also with old statuses, and arrives', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        anyLimit,
        anyLimit,
        fc.array(anyEvent, { maxLength: 40 }),
        (replicas, surge, unavailable, events) => {
          const world = running({ replicas, ...rolling(surge, unavailable) })
          const { maxSurge, maxUnavailable } = rollingBudget(world.deployment)
          for (const event of events) {
            if (event.type === 'image') {
              world.deployment = withImage(world.deployment, `nginx:v${event.version}`)
            } else if (event.type === 'pods') move(world, event.luck)
            else world.step()
            const total = world.sets.reduce((count, set) => count + sizeOf(set), 0)
            expect(total).toBeLessThanOrEqual(replicas + maxSurge)
            expect(surelyAvailable(world)).toBeGreaterThanOrEqual(replicas - maxUnavailable)
          }
          world.converge()
          const image = world.deployment.spec.template.spec.containers[0]?.image ?? ''
          expect(world.sizes()[image]).toBe(replicas)
        },
      ),
    )
  })

  /** Pods that stay available whatever the sets have yet to carry out. */
  function surelyAvailable({ sets }: World): number {
    const kept = sets.map((set) => Math.min(sizeOf(set), set.status?.availableReplicas ?? 0))
    return kept.reduce((count, available) => count + available, 0)
  }

  /** Some sets carry out their size; new pods become available by luck. */
  function move(world: World, luck: number[]): void {
    world.sets = world.sets.map((set, index) => {
      const chance = luck[index]
      if (chance === undefined) return set
      const available = Math.min(sizeOf(set), (set.status?.availableReplicas ?? 0) + chance)
      return withPods(set, sizeOf(set), available)
    })
  }
})
