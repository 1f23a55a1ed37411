import { expect, test } from 'vitest'
import type { HorizontalPodAutoscaler } from '../../shared/kubernetes/autoscaling.ts'
import type { ScalingSample } from '../../shared/traffic.ts'
import { sampleOf, withSample } from './scaling.ts'

const hpa = (status: HorizontalPodAutoscaler['status']): HorizontalPodAutoscaler => ({
  metadata: { name: 'shop', namespace: 'default' },
  spec: { scaleTargetRef: { kind: 'Deployment', name: 'shop' }, maxReplicas: 8 },
  ...(status && { status }),
})
const at = (minute: number): ScalingSample => ({
  at: minute * 60_000,
  replicas: 1,
  wanted: 1,
  utilization: null,
})

test('nothing is kept of an autoscaler that has said nothing', () => {
  expect(sampleOf(hpa(undefined), 0)).toBeUndefined()
  expect(sampleOf(hpa({ desiredReplicas: 0 }), 0)).toBeUndefined()
})

test('what it sees and wants; what is not measured is null', () => {
  const resource = { name: 'cpu', current: { averageUtilization: 84 } }
  const status = { currentReplicas: 3, desiredReplicas: 5 }
  expect(sampleOf(hpa(status), 7)).toEqual({ at: 7, replicas: 3, wanted: 5, utilization: null })
  const measured = { ...status, currentMetrics: [{ type: 'Resource' as const, resource }] }
  expect(sampleOf(hpa(measured), 7)?.utilization).toBe(84)
})

test('ten minutes are kept, and what held when they began', () => {
  const kept = [0, 2, 9, 13].reduce((held, minute) => withSample(held, at(minute)), [at(-1)])
  expect(kept.map((sample) => sample.at / 60_000)).toEqual([2, 9, 13])
})
