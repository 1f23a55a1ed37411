import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../values.ts'
import { autoscalerExtension, autoscalerV1 } from './autoscaler-faces.ts'

const cpu = {
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } },
}
const memory = {
  type: 'Resource',
  resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } },
}
const stored = (): JsonObject => ({
  metadata: { name: 'web' },
  spec: {
    scaleTargetRef: { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' },
    maxReplicas: 5,
    metrics: [memory, cpu],
    behavior: { scaleDown: { stabilizationWindowSeconds: 5 } },
  },
})

describe.each([
  ['autoscaling/v1', autoscalerV1],
  ['extensions/v1beta1', autoscalerExtension],
])('%s', (_, face) => {
  it('loses nothing on the way there and back', () => {
    const shown = face.fromStored(stored())
    expect(shown['spec']).not.toHaveProperty('metrics')
    expect(face.toStored(structuredClone(shown))).toEqual(stored())
  })

  it('shows what was measured', () => {
    const current = { averageUtilization: 12 }
    const currentMetrics = [{ type: 'Resource', resource: { name: 'cpu', current } }]
    const shown = face.fromStored({ ...stored(), status: { desiredReplicas: 1, currentMetrics } })
    expect(shown['status']).toEqual({ desiredReplicas: 1, currentCPUUtilizationPercentage: 12 })
  })
})

it('one number is the metric it was', () => {
  const scaleTargetRef = { kind: 'Deployment', name: 'web' }
  const written = { spec: { scaleTargetRef, maxReplicas: 3, targetCPUUtilizationPercentage: 50 } }
  expect(autoscalerV1.toStored({ metadata: {}, ...written })).toMatchObject({
    spec: { metrics: [{ resource: { target: { averageUtilization: 50 } } }] },
  })
})

it('the autoscaler of 2015 names its target another way', () => {
  const scaleRef = { kind: 'ReplicationController', name: 'web', subresource: 'scale' }
  const written = { spec: { scaleRef, cpuUtilization: { targetPercentage: 40 }, maxReplicas: 3 } }
  expect(autoscalerExtension.toStored({ metadata: {}, ...written })).toMatchObject({
    spec: {
      scaleTargetRef: { kind: 'ReplicationController', name: 'web' },
      metrics: [{ resource: { target: { averageUtilization: 40 } } }],
    },
  })
})
