import { describe, expect, it } from 'vitest'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import type { LimitRange, LimitRangeItem } from '../../shared/kubernetes/policy.ts'
import {
  followRecommendation,
  type ContainerPolicy,
  type VerticalPodAutoscaler,
} from '../../shared/kubernetes/vertical.ts'
import { bucketsUpTo, DecayingHistogram } from './decaying-histogram.ts'
import { planEvictions } from './vertical-evictions.ts'
import { addOutOfMemory, addSample, newHistory, recommend } from './vertical-recommendation.ts'

const DAY = 86_400_000
const MINUTE = 60_000
const T0 = Date.UTC(2026, 0, 1)
const MB = 1e6

describe('a decaying histogram', () => {
  const buckets = bucketsUpTo(1000, 0.01, 1.05)
  it('answers the end of the bucket, within the ratio of buckets', () => {
    const histogram = new DecayingHistogram(buckets, DAY)
    expect(histogram.percentile(0.5)).toBe(0)
    for (let i = 1; i <= 100; i += 1) histogram.add(i / 10, 1, T0)
    for (const share of [0.1, 0.5, 0.9, 1]) {
      const exact = share * 10
      expect(histogram.percentile(share)).toBeGreaterThanOrEqual(exact)
      expect(histogram.percentile(share)).toBeLessThan(exact * 1.06 + 0.01)
    }
  })
  it('lets a sample weigh half as much after each half-life', () => {
    const histogram = new DecayingHistogram(buckets, DAY)
    for (let i = 0; i < 4; i += 1) histogram.add(1, 1, T0)
    histogram.add(8, 1, T0 + DAY)
    // Four samples of one that weigh two by now, against one of eight.
    expect(histogram.percentile(0.6)).toBeLessThan(1.1)
    expect(histogram.percentile(0.7)).toBeGreaterThan(8)
    histogram.add(8, 3, T0 + 2 * DAY)
    expect(histogram.percentile(0.3)).toBeGreaterThan(8)
  })
  it('goes on for years', () => {
    const histogram = new DecayingHistogram(buckets, DAY)
    for (let day = 0; day < 2000; day += 50) histogram.add(2, 1, T0 + day * DAY)
    expect(histogram.isEmpty).toBe(false)
    expect(histogram.percentile(0.9)).toBeCloseTo(2, 0)
  })
})

interface Used {
  cores: number
  bytes: number
  minutes: number
}

function adviceFor({ cores, bytes, minutes }: Used, policy: ContainerPolicy = {}, containers = 1) {
  const history = newHistory(1)
  for (let minute = 0; minute < minutes; minute += 1) {
    const at = T0 + minute * MINUTE
    const sample = { pod: 'a', cpuCores: cores, memoryBytes: bytes, requestedCores: 1, at }
    addSample(history, sample, 1)
    addSample(history, sample, 1)
  }
  return recommend('main', history, containers, policy, 1)
}

const inMilli = (text = ''): number =>
  text.endsWith('m') ? parseInt(text, 10) : Number(text) * 1000

describe('a recommendation', () => {
  it('needs a sample', () => {
    expect(recommend('main', newHistory(1), 1, {}, 1)).toBeUndefined()
  })
  it('is the 90th percentile and fifteen per cent, and never next to nothing', () => {
    const advice = adviceFor({ cores: 1, bytes: 1000 * MB, minutes: 60 })
    expect(inMilli(advice?.target['cpu'])).toBeGreaterThan(1150)
    expect(inMilli(advice?.target['cpu'])).toBeLessThan(1150 * 1.06)
    const idle = adviceFor({ cores: 0, bytes: MB, minutes: 60 })
    expect(idle?.target).toEqual({ cpu: '25m', memory: '262144k' })
    expect(adviceFor({ cores: 0, bytes: MB, minutes: 60 }, {}, 5)?.target['memory']).toBe(
      '52428800',
    )
  })
  it('has bounds that come closer with confidence', () => {
    const [hour, week] = [60, 7 * 24 * 60].map((minutes) =>
      adviceFor({ cores: 1, bytes: 1000 * MB, minutes }),
    )
    const of = (advice: typeof hour, bound: 'lowerBound' | 'upperBound') =>
      inMilli(advice?.[bound]?.['cpu'])
    expect(of(hour, 'lowerBound')).toBeLessThan(of(week, 'lowerBound'))
    expect(of(hour, 'upperBound')).toBeGreaterThan(of(week, 'upperBound') * 10)
    expect(of(week, 'upperBound') / inMilli(week?.target['cpu'])).toBeCloseTo(1 + 1 / 7, 1)
    expect(adviceFor({ cores: 1, bytes: MB, minutes: 1 })?.upperBound).toEqual({
      cpu: '100G',
      memory: '100T',
    })
  })
  it('keeps to its policy', () => {
    const policy: ContainerPolicy = {
      minAllowed: { cpu: '2' },
      maxAllowed: { memory: '300Mi' },
    }
    const advice = adviceFor({ cores: 1, bytes: 1000 * MB, minutes: 60 }, policy)
    expect(advice?.target).toEqual({ cpu: '2', memory: '300Mi' })
    expect(inMilli(advice?.uncappedTarget?.['cpu'])).toBeLessThan(1300)
    const only = adviceFor({ cores: 1, bytes: MB, minutes: 9 }, { controlledResources: ['cpu'] })
    expect(Object.keys(only?.target ?? {})).toEqual(['cpu'])
  })
  it('gives more memory to whoever was killed for want of it', () => {
    const history = newHistory(1)
    const sample = { pod: 'a', cpuCores: 1, memoryBytes: 900 * MB, requestedCores: 1, at: T0 }
    addSample(history, sample, 1)
    addOutOfMemory(history, { pod: 'a', allowedBytes: 1000 * MB, at: T0 + 1 }, 1)
    const memory = Number(
      recommend('main', history, 1, {}, 1)?.target['memory']?.replace('k', '000'),
    )
    expect(memory).toBeGreaterThanOrEqual(1200 * MB * 1.15)
    expect(memory).toBeLessThan(1200 * MB * 1.15 * 1.06)
  })
})

function autoscaler(
  updatePolicy: VerticalPodAutoscaler['spec']['updatePolicy'] = {},
  containerPolicies: ContainerPolicy[] = [],
): VerticalPodAutoscaler {
  return {
    metadata: { name: 'web-vpa', namespace: 'default' },
    spec: {
      targetRef: { kind: 'Deployment', name: 'web' },
      updatePolicy,
      resourcePolicy: { containerPolicies },
    },
    status: {
      recommendation: {
        containerRecommendations: [
          {
            containerName: 'main',
            target: { cpu: '100m' },
            lowerBound: { cpu: '50m' },
            upperBound: { cpu: '200m' },
          },
        ],
      },
    },
  }
}

function pod(name: string, cpu: string, options: { ready?: boolean; hours?: number } = {}): Pod {
  const { ready = true, hours = 1 } = options
  return {
    metadata: { name, namespace: 'default' },
    spec: { containers: [{ name: 'main', image: 'web', resources: { requests: { cpu } } }] },
    status: {
      phase: 'Running',
      startTime: new Date(T0 - hours * 60 * MINUTE).toISOString(),
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    },
  }
}

describe('evictions', () => {
  const names = (
    pods: Pod[],
    of: VerticalPodAutoscaler = autoscaler(),
    replicas = pods.length,
  ): string[] => planEvictions(of, pods, replicas, T0, 1).map(({ metadata }) => metadata.name ?? '')

  it.each([
    ['those outside of the bounds, the furthest first', ['10m', '100m', '300m', '40m'], ['2', '0']],
    ['nobody within the bounds', ['60m', '190m', '100m', '100m'], []],
    ['half of them at most', ['10m', '10m', '10m', '10m'], ['0', '1']],
  ])('take %s', (_, requests, evicted) => {
    expect(names(requests.map((cpu, i) => pod(String(i), cpu)))).toEqual(evicted)
  })
  it('wait while others are missing or not ready', () => {
    const low = [pod('a', '10m'), pod('b', '10m', { ready: false }), pod('c', '10m')]
    expect(names(low)).toEqual([])
    expect(names([pod('a', '10m'), pod('b', '10m')], autoscaler(), 4)).toEqual([])
  })
  it('leave a single replica alone, unless they may have it', () => {
    expect(names([pod('a', '10m')])).toEqual([])
    expect(names([pod('a', '10m')], autoscaler({ minReplicas: 1 }))).toEqual(['a'])
  })
  it('take old pods that would be changed enough', () => {
    const pods = [pod('a', '80m', { hours: 13 }), pod('b', '95m', { hours: 13 })]
    expect(names(pods)).toEqual(['a'])
  })
  it.each(['Off', 'Initial'] as const)('do not happen in mode %s', (updateMode) => {
    expect(names([pod('a', '10m'), pod('b', '10m')], autoscaler({ updateMode }))).toEqual([])
  })
  it('do not happen for containers that are left out', () => {
    const off = autoscaler({}, [{ containerName: '*', mode: 'Off' }])
    expect(names([pod('a', '10m'), pod('b', '10m')], off)).toEqual([])
  })
})

describe('LimitRanges', () => {
  const range = (item: Omit<LimitRangeItem, 'type'>): LimitRange => ({
    metadata: { name: 'cpu' },
    spec: { limits: [{ type: 'Container', ...item }] },
  })
  const followed = (
    resources: { requests?: Record<string, string>; limits?: Record<string, string> },
    ranges: LimitRange[],
    policies: ContainerPolicy[] = [],
  ) => {
    const fresh = pod('a', '1m')
    fresh.spec.containers[0]!.resources = resources
    followRecommendation(fresh, autoscaler({}, policies), ranges)
    return fresh.spec.containers[0]?.resources
  }

  it('bound the limit, and the request in proportion', () => {
    const resources = { requests: { cpu: '10m' }, limits: { cpu: '30m' } }
    const bounded = { requests: { cpu: '50m' }, limits: { cpu: '150m' } }
    expect(followed(resources, [range({ max: { cpu: '150m' } })])).toEqual(bounded)
  })
  it('bound the request from below, the narrowest counts', () => {
    const ranges = [range({ min: { cpu: '110m' } }), range({ min: { cpu: '120m' } })]
    expect(followed({ requests: { cpu: '10m' } }, ranges)).toEqual({ requests: { cpu: '120m' } })
  })
  it('a limit that does not follow is not passed', () => {
    const only: ContainerPolicy[] = [{ containerName: '*', controlledValues: 'RequestsOnly' }]
    const resources = { requests: { cpu: '10m' }, limits: { cpu: '30m' } }
    expect(followed(resources, [], only)?.requests).toEqual({ cpu: '30m' })
  })
  it('what they do not allow is no reason to recreate a pod', () => {
    const pods = [pod('a', '30m'), pod('b', '30m')]
    const ranges = [range({ max: { cpu: '30m' } })]
    expect(planEvictions(autoscaler(), pods, 2, T0, 1, ranges)).toEqual([])
    expect(planEvictions(autoscaler(), pods, 2, T0, 1)).toHaveLength(1)
  })
})

describe('a new pod', () => {
  it('asks for what is recommended, and its limits keep their ratio', () => {
    const fresh = pod('a', '50m')
    fresh.spec.containers[0]!.resources = { requests: { cpu: '50m' }, limits: { cpu: '150m' } }
    followRecommendation(fresh, autoscaler())
    expect(fresh.spec.containers[0]?.resources).toEqual({
      requests: { cpu: '100m' },
      limits: { cpu: '300m' },
    })
    expect(fresh.metadata.annotations).toEqual({
      vpaUpdates: 'Pod resources updated by web-vpa: container 0: cpu request, cpu limit',
      vpaObservedContainers: 'main',
    })
  })
  it('keeps its limits where only requests are controlled, and has none where it had none', () => {
    const fresh = pod('a', '50m')
    fresh.spec.containers[0]!.resources = { limits: { cpu: '150m' } }
    followRecommendation(
      fresh,
      autoscaler({}, [{ controlledValues: 'RequestsOnly', containerName: '*' }]),
    )
    expect(fresh.spec.containers[0]?.resources).toEqual({
      requests: { cpu: '100m' },
      limits: { cpu: '150m' },
    })
    const bare = pod('b', '50m')
    followRecommendation(bare, autoscaler())
    expect(bare.spec.containers[0]?.resources).toEqual({ requests: { cpu: '100m' } })
  })
})
