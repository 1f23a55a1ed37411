import { expect, test } from 'vitest'
import type { PodMetrics } from '../../../shared/kubernetes/autoscaling.ts'
import type { Node } from '../../../shared/kubernetes/cluster.ts'
import type { Pod } from '../../../shared/kubernetes/pod.ts'
import { memoryModel, scaleFor } from './memoryModel.ts'

const node: Node = {
  metadata: { name: 'node-1' },
  status: { allocatable: { memory: '1000Mi' }, conditions: [{ type: 'Ready', status: 'True' }] },
}
const now = Date.parse('2025-01-01T00:01:00Z')

function pod(name: string, qosClass: 'Guaranteed' | 'Burstable' | 'BestEffort', request = 0): Pod {
  const memory = `${request}Mi`
  const resources =
    request === 0 ? {} : { requests: { memory }, limits: { memory: `${request * 2}Mi` } }
  return {
    metadata: { name, namespace: 'default', uid: name },
    spec: { nodeName: 'node-1', containers: [{ name, image: 'x', resources }] },
    status: { phase: 'Running', qosClass },
  }
}
const uses = (name: string, mebi: number): PodMetrics => ({
  metadata: { name, namespace: 'default' },
  timestamp: '',
  window: '10s',
  containers: [{ name, usage: { cpu: '0', memory: `${mebi * 1024}Ki` } }],
})

const pods = [pod('job', 'BestEffort'), pod('db', 'Guaranteed', 200), pod('api', 'Burstable', 100)]
const metrics = [uses('job', 50), uses('db', 100), uses('api', 300)]
const modelOf = (input: Partial<Parameters<typeof memoryModel>[0]>) =>
  memoryModel({ nodes: [node], pods, metrics, lastUse: new Map(), now, ...input })

test('pods stand in the order in which they are evicted, last first, as wide as what they use', () => {
  const [row] = modelOf({}).rows
  expect(row?.segments.map(({ label, from, width }) => [label, from, width])).toEqual([
    ['db', 0, 10],
    ['api', 10, 30],
    ['job', 40, 5],
  ])
  expect([row?.used, row?.requests, row?.limits, row?.unmeasured]).toEqual([45, 30, 60, 0])
})

test('a pod that was not measured has no width, and is counted as such', () => {
  const [row] = modelOf({ metrics: metrics.slice(0, 2) }).rows
  expect(row?.segments.map(({ label }) => label)).toEqual(['db', 'job'])
  expect(row?.unmeasured).toBe(1)
})

test('what was evicted a moment ago leaves an outline of what it used, and asks for nothing', () => {
  const finishedAt = '2025-01-01T00:00:50Z'
  const gone = pod('report', 'BestEffort')
  const state = { terminated: { exitCode: 137, finishedAt } }
  const containerStatuses = [
    { name: 'report', state, ready: false, restartCount: 0, image: '', imageID: '' },
  ]
  gone.status = { phase: 'Failed', reason: 'Evicted', qosClass: 'BestEffort', containerStatuses }
  const lastUse = new Map([['report', 80 * 2 ** 20]])
  const segmentAt = (at: number) =>
    modelOf({ pods: [...pods, gone], lastUse, now: at }).rows[0]?.segments[3]
  expect(segmentAt(now)).toMatchObject({ width: 8, isGone: true, mishap: { reason: 'Evicted' } })
  expect(segmentAt(now + 120_000)).toBeUndefined()
})

test('the scale is as wide as it has to be, and does not go back and forth', () => {
  const { rows } = modelOf({})
  expect(scaleFor(rows)).toBe(150)
  const small = modelOf({ metrics: [uses('job', 20)], pods: [pods[0]!] }).rows
  expect(scaleFor(small)).toBe(5)
  expect(scaleFor(small, 5)).toBe(5)
  expect(scaleFor(small, 15)).toBe(5)
  const larger = modelOf({ metrics: [uses('job', 40)], pods: [pods[0]!] }).rows
  expect(scaleFor(larger, 15)).toBe(15)
})
