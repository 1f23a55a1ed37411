import * as fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerSpec,
} from '../../shared/kubernetes/autoscaling.ts'
import type { History } from './behavior.ts'
import type { Evaluated } from './horizontal-plan.ts'
import { planScale } from './horizontal-plan.ts'

const NOW = 10_000_000
const LIMITS = { downscaleStabilizationMs: 300_000, speed: 1 }
const nothing: History = { recommendations: [], changes: [] }

function hpa(spec: Partial<HorizontalPodAutoscalerSpec> = {}): HorizontalPodAutoscaler {
  const scaleTargetRef = { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' }
  return { metadata: { name: 'web' }, spec: { scaleTargetRef, maxReplicas: 100, ...spec } }
}

const wants = (replicas: number): Evaluated => ({
  replicas,
  name: 'cpu resource',
  status: { type: 'Resource', resource: { name: 'cpu', current: {} } },
})
const fails: Evaluated = { failed: { reason: 'FailedGetResourceMetric', message: 'no metrics' } }

function plan(
  spec: Partial<HorizontalPodAutoscalerSpec>,
  current: number,
  evaluated: Evaluated[],
  history: History = nothing,
) {
  const made = planScale(hpa(spec), current, evaluated, LIMITS, history, NOW)
  const condition = (type: string) => {
    const found = made.conditions.find((each) => each.type === type)
    return found && `${found.status} ${found.reason}`
  }
  return { ...made, condition }
}

describe('bounds', () => {
  test.each<[Partial<HorizontalPodAutoscalerSpec>, number, number, number, string]>([
    [{}, 3, 5, 5, 'False DesiredWithinRange'],
    [{ maxReplicas: 6 }, 3, 50, 6, 'True TooManyReplicas'],
    [{ minReplicas: 2 }, 3, 1, 2, 'True TooFewReplicas'],
    [{}, 3, 50, 6, 'True ScaleUpLimit'],
    [{}, 1, 50, 4, 'True ScaleUpLimit'],
  ])('%j at %i, wanting %i: %i', (spec, current, wanted, replicas, limited) => {
    const made = plan(spec, current, [wants(wanted)])
    expect(made.replicas).toBe(replicas)
    expect(made.condition('ScalingLimited')).toBe(limited)
  })

  it('brings a target back into its bounds whatever the metrics say', () => {
    expect(plan({ maxReplicas: 4 }, 9, [fails])).toMatchObject({
      replicas: 4,
      reason: 'Current number of replicas above Spec.MaxReplicas',
    })
    expect(plan({ minReplicas: 2 }, 1, [fails]).replicas).toBe(2)
  })

  it('leaves a target alone that was scaled to zero by hand', () => {
    const made = plan({}, 0, [wants(5)])
    expect(made.replicas).toBe(0)
    expect(made.condition('ScalingActive')).toBe('False ScalingDisabled')
  })
})

describe('several metrics', () => {
  it('the highest wins', () => {
    expect(plan({}, 4, [wants(3), wants(7), wants(5)]).replicas).toBe(7)
  })

  it('one that is not known stops shrinking, not growing', () => {
    expect(plan({}, 4, [wants(6), fails]).replicas).toBe(6)
    const held = plan({}, 4, [wants(2), fails])
    expect(held.replicas).toBeUndefined()
    expect(held.condition('ScalingActive')).toBe('False FailedGetResourceMetric')
  })
})

describe('windows and policies', () => {
  const ago = (seconds: number, replicas: number) => ({ at: NOW - seconds * 1000, replicas })

  it('shrinks to the most that was wanted in five minutes', () => {
    const history = { recommendations: [ago(400, 9), ago(200, 7), ago(100, 5)], changes: [] }
    const made = plan({}, 8, [wants(2)], history)
    expect(made.replicas).toBe(7)
    expect(made.condition('AbleToScale')).toBe('True ScaleDownStabilized')
  })

  it('a window for growing holds back a spike', () => {
    const behavior = { scaleUp: { stabilizationWindowSeconds: 60 } }
    const history = { recommendations: [ago(30, 3)], changes: [] }
    const made = plan({ behavior }, 3, [wants(9)], history)
    expect(made.replicas).toBe(3)
    expect(made.condition('AbleToScale')).toBe('True ScaleUpStabilized')
  })

  it('a policy counts what its period has seen', () => {
    const policies = [{ type: 'Pods' as const, value: 2, periodSeconds: 60 }]
    const behavior = { scaleUp: { policies } }
    const changes = [{ at: NOW - 30_000, by: 1 }]
    expect(plan({ behavior }, 5, [wants(9)], { recommendations: [], changes }).replicas).toBe(6)
    expect(plan({ behavior }, 5, [wants(9)]).replicas).toBe(7)
  })

  it('Min takes the policy that allows least, Disabled none at all', () => {
    const policies = [
      { type: 'Pods' as const, value: 1, periodSeconds: 60 },
      { type: 'Percent' as const, value: 100, periodSeconds: 60 },
    ]
    const down = (selectPolicy: 'Max' | 'Min' | 'Disabled') => ({
      scaleDown: { policies, selectPolicy, stabilizationWindowSeconds: 0 },
    })
    expect(plan({ behavior: down('Min') }, 8, [wants(2)]).replicas).toBe(7)
    expect(plan({ behavior: down('Max') }, 8, [wants(2)]).replicas).toBe(2)
    expect(plan({ behavior: down('Disabled') }, 8, [wants(2)]).replicas).toBe(8)
  })

  it('never leaves the bounds, nor moves against what is wanted', () => {
    const point = fc.record({
      at: fc.integer({ min: NOW - 600_000, max: NOW }),
      replicas: fc.nat(40),
    })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.nat(60),
        fc.array(point),
        (current, wanted, recommendations) => {
          const { replicas } = plan({ maxReplicas: 40 }, current, [wants(wanted)], {
            recommendations,
            changes: [],
          })
          expect(replicas).toBeGreaterThanOrEqual(1)
          expect(replicas).toBeLessThanOrEqual(40)
          expect(Math.sign(wanted - current) * ((replicas ?? 0) - current)).toBeGreaterThanOrEqual(
            0,
          )
        },
      ),
    )
  })
})

describe('a step of load', () => {
  it('reaches the computed count and stays: no oscillation', () => {
    let current = 1
    let history: History = nothing
    const seen: number[] = []
    // A load of 1200 % of one request, a target of 50 %: 24 pods, whatever there is now.
    for (let look = 0; look < 40; look += 1) {
      const now = NOW + look * 15_000
      const utilization = Math.trunc(1200 / current)
      const ratio = utilization / 50
      const wanted = ratio >= 0.9 && ratio <= 1.1 ? current : Math.ceil(ratio * current)
      const { replicas = current } = planScale(
        hpa(),
        current,
        [wants(wanted)],
        LIMITS,
        history,
        now,
      )
      history = {
        ...history,
        recommendations: [...history.recommendations, { at: now, replicas: wanted }],
      }
      current = replicas
      seen.push(current)
    }
    expect(seen.at(-1)).toBe(24)
    expect(seen).toEqual([...seen].sort((a, b) => a - b))
  })
})
