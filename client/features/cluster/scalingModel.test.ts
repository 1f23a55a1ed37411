import { expect, test } from 'vitest'
import type { HorizontalPodAutoscaler } from '../../../shared/kubernetes/autoscaling.ts'
import { explanationOf, formulasOf } from './scalingModel.ts'

function hpa(
  replicas: number,
  utilization: number | undefined,
  more: Partial<HorizontalPodAutoscaler['spec']> = {},
): HorizontalPodAutoscaler {
  const current = { averageUtilization: utilization ?? 0 }
  return {
    metadata: { name: 'shop' },
    spec: {
      scaleTargetRef: { kind: 'Deployment', name: 'shop' },
      maxReplicas: 100,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } },
        },
      ],
      ...more,
    },
    status: {
      currentReplicas: replicas,
      desiredReplicas: replicas,
      currentMetrics:
        utilization === undefined ? [] : [{ type: 'Resource', resource: { name: 'cpu', current } }],
    },
  }
}

test.each([
  ['more is wanted', 42, 84, 'ceil(42 × 84 / 60) = 59', 59],
  ['less is wanted', 10, 20, 'ceil(10 × 20 / 60) = 4', 4],
  ['near enough', 10, 65, '65 / 60 is within 10 %: stay', 10],
  ['not measured', 10, undefined, null, null],
])('%s', (_, replicas, utilization, line, wanted) => {
  expect(formulasOf(hpa(replicas, utilization))[0]).toMatchObject({ metric: 'CPU', line, wanted })
})

test('of several metrics the one that asks for most decides', () => {
  const target = { type: 'AverageValue' as const, averageValue: '100' }
  const two = hpa(4, 60)
  two.spec.metrics!.push({
    type: 'Pods',
    pods: { metric: { name: 'requests_per_second' }, target },
  })
  two.status!.currentMetrics!.push({
    type: 'Pods',
    pods: { metric: { name: 'requests_per_second' }, current: { averageValue: '250500m' } },
  })
  const [first] = formulasOf(two)
  expect(first).toMatchObject({ metric: 'requests_per_second', wanted: 11 })
  expect(first?.line).toBe('ceil(4 × 251 / 100) = 11')
})

test('what holds it back is said in the words of its conditions', () => {
  const held = hpa(8, 90)
  expect(explanationOf(held)).toBeNull()
  const limited = { type: 'ScalingLimited', reason: 'TooManyReplicas', message: 'the desired …' }
  held.status!.conditions = [{ ...limited, status: 'False' }]
  expect(explanationOf(held)).toBeNull()
  held.status!.conditions = [{ ...limited, status: 'True' }]
  expect(explanationOf(held)).toBe('the desired …')
})
