import { afterEach, beforeEach, expect, test } from 'vitest'
import { COMPLETION_INDEX, jobEnd, type JobSpec } from '../../shared/kubernetes/batch.ts'
import { jobs, pods } from '../../shared/kubernetes/kinds.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { startJobs } from './job.ts'
import { isTracked } from './job-pods.ts'
import type { TestCluster } from './testing/cluster.ts'
import { startTestCluster } from './testing/cluster.ts'
import { makeJob } from './testing/jobs.ts'

let cluster: TestCluster
beforeEach(() => {
  cluster = startTestCluster(startJobs)
})
afterEach(() => cluster.close())

const mine = async (): Promise<Pod[]> => (await cluster.client.list(pods)).items

async function begin(spec: Partial<JobSpec>): Promise<void> {
  const { status: _, metadata, ...job } = makeJob(spec)
  const { name, namespace } = metadata
  await cluster.client.create(jobs, { ...job, metadata: { name: name!, namespace: namespace! } })
}

/** What a kubelet would write. */
async function end(pod: Pod, phase: 'Succeeded' | 'Failed'): Promise<void> {
  await cluster.client.update(pods, { ...pod, status: { phase } }, { subresource: 'status' })
}

const job = () => cluster.get(jobs, 'sum')

test('an Indexed Job gives each pod its index, and is complete when all have succeeded', async () => {
  await begin({ completionMode: 'Indexed', completions: 3, parallelism: 2 })
  await cluster.until(async () => (await mine()).length === 2)
  const [first] = await mine()
  expect(first?.spec.hostname).toBe('sum-0')
  expect(first?.metadata.labels?.[COMPLETION_INDEX]).toBe('0')
  expect(first?.spec.containers[0]?.env?.[0]).toMatchObject({ name: 'JOB_COMPLETION_INDEX' })
  for (let done = 0; done < 3; done += 1) {
    await cluster.until(async () => (await mine()).some(({ status }) => !status?.phase))
    await end(
      (await mine()).find(({ status }) => !status?.phase)!,
      'Succeeded',
    )
  }
  await cluster.until(async () => jobEnd(await job()) === 'Complete')
  const { status } = await job()
  expect(status).toMatchObject({ succeeded: 3, completedIndexes: '0-2', ready: 0 })
  expect((await mine()).filter(isTracked)).toEqual([])
  await cluster.until(async () => (await cluster.eventsOf('Completed'))[0] === 'Job completed')
})

test('a Job that fails too often says so, and a pod is counted once', async () => {
  await begin({ backoffLimit: 0 })
  await cluster.until(async () => (await mine()).length === 1)
  await end((await mine())[0]!, 'Failed')
  await cluster.until(async () => jobEnd(await job()) === 'Failed')
  expect((await job()).status?.failed).toBe(1)
  await cluster.until(
    async () =>
      (await cluster.eventsOf('BackoffLimitExceeded'))[0] ===
      'Job has reached the specified backoff limit',
  )
})

test('pods of a Job that is gone are held no longer', async () => {
  await begin({})
  await cluster.until(async () => (await mine()).some(isTracked))
  await cluster.client.delete(jobs, { namespace: 'default', name: 'sum' })
  await expect.poll(async () => (await mine()).some(isTracked)).toBe(false)
})
