import { expect, test } from 'vitest'
import type { Job } from '../../../shared/kubernetes/batch.ts'
import type { Pod } from '../../../shared/kubernetes/pod.ts'
import { jobModel } from './jobModel.ts'

const T0 = Date.parse('2025-01-01T00:00:00Z')
const time = (seconds: number): string => new Date(T0 + seconds * 1000).toISOString()

const job = (status: Job['status']): Job => ({
  metadata: { name: 'paint', namespace: 'default', creationTimestamp: time(0) },
  spec: { completions: 6, parallelism: 2, template: { spec: { containers: [] } } },
  ...(status && { status: { startTime: time(0), ...status } }),
})
function pod(name: string, from: number, to?: number, exitCode = 0): Pod {
  const ended = { exitCode, startedAt: time(from), finishedAt: time(to ?? 0) }
  const state = to === undefined ? { running: { startedAt: time(from) } } : { terminated: ended }
  const status = { name, state, ready: false, restartCount: 0, image: '', imageID: '' }
  return {
    metadata: { name, namespace: 'default', labels: { 'batch.kubernetes.io/job-name': 'paint' } },
    spec: { containers: [] },
    status: { containerStatuses: [status] },
  }
}
const shapeOf = (lanes: ReturnType<typeof jobModel>['lanes']) =>
  lanes.map((lane) => lane.map(({ key, state }) => `${key.split('/')[1]} ${state}`))

test('turns follow each other in the lanes, and what waits is counted', () => {
  const pods = [pod('a', 1, 5), pod('b', 1, 3), pod('c', 3, 9, 1), pod('d', 5), pod('e', 9)]
  const model = jobModel(job({ succeeded: 2, failed: 1 }), pods, T0 + 12_000)
  expect(shapeOf(model.lanes)).toEqual([
    ['a done', 'd running'],
    ['b done', 'c failed', 'e running'],
  ])
  expect(model).toMatchObject({ succeeded: 2, queued: 2, failed: 1, end: null, seconds: 12 })
})

test('a Job that is over stands still', () => {
  const conditions = [{ type: 'Complete', status: 'True' as const }]
  const done = job({ succeeded: 6, completionTime: time(20), conditions })
  const model = jobModel(done, [pod('a', 1, 20)], T0 + 500_000)
  expect(model).toMatchObject({ end: 'Complete', seconds: 20, queued: 0, ends: T0 + 20_000 })
})

test('other pods are none of its own', () => {
  const other = pod('x', 1, 2)
  other.metadata.labels = {}
  expect(jobModel(job({}), [other], T0).lanes).toEqual([[], []])
})
