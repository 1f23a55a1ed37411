import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jobEnd, type Job, type JobSpec, type JobStatus } from '../../shared/kubernetes/batch.ts'
import { conditionOf } from '../../shared/kubernetes/meta.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { indexOf, isTracked } from './job-pods.ts'
import { planJob } from './job-plan.ts'
import type { JobPlan } from './job-plan.ts'
import { jobPod, makeJob } from './testing/jobs.ts'
import { T0 } from './testing/objects.ts'

const S = 1000
const plan = (spec: Partial<JobSpec>, pods: Pod[] = [], status: JobStatus = {}, now = T0) =>
  planJob(makeJob(spec, status), pods, now)
const indexes = ({ create }: JobPlan) => create.map(({ index }) => index)
const reason = ({ status }: JobPlan, type: string) => {
  const held = conditionOf(status.conditions, type)
  return held?.status === 'True' ? held.reason : undefined
}

describe('how many pods', () => {
  it.each<[string, Partial<JobSpec>, number, number]>([
    ['as many as work side by side', { completions: 10, parallelism: 3 }, 0, 3],
    ['no more than are missing', { completions: 2, parallelism: 5 }, 0, 2],
    ['only what is missing', { completions: 10, parallelism: 3 }, 2, 1],
    ['none while suspended', { completions: 3, parallelism: 3, suspend: true }, 0, 0],
  ])('%s', (_, spec, running, expected) => {
    const pods = Array.from({ length: running }, () => jobPod())
    expect(plan(spec, pods).create).toHaveLength(expected)
  })

  it('a queue of work gets no new pod after the first success, and its running ones finish', () => {
    const { completions: _, ...spec } = makeJob().spec
    const job = { ...makeJob(), spec: { ...spec, parallelism: 3 } }
    const next = planJob(job, [jobPod(), jobPod({ phase: 'Succeeded' })], T0)
    expect(next.create).toHaveLength(0)
    expect(next.withdraw).toHaveLength(0)
    expect(reason(next, 'SuccessCriteriaMet')).toBeUndefined()
    expect(reason(planJob(job, [jobPod({ phase: 'Succeeded' })], T0), 'SuccessCriteriaMet')).toBe(
      'CompletionsReached',
    )
  })

  it('what is too many is let go uncounted', () => {
    const next = plan({ completions: 10, parallelism: 1 }, [jobPod(), jobPod()])
    expect(next.withdraw).toHaveLength(1)
    expect(next.status.active).toBe(1)
  })

  it('a pod that is going is replaced at once, or when it has ended if the Job says so', () => {
    const going = [jobPod({ deleting: true })]
    expect(plan({}, going).create).toHaveLength(1)
    expect(plan({ podReplacementPolicy: 'Failed' }, going).create).toHaveLength(0)
  })
})

describe('failures', () => {
  const failed = (count: number, ended = T0) =>
    Array.from({ length: count }, () => jobPod({ phase: 'Failed', ended }))

  it.each([
    [1, 10],
    [2, 20],
    [3, 40],
    [6, 320],
  ])('after %d in a row the next pod waits %d s', (count, seconds) => {
    const early = plan({}, failed(count), {}, T0 + seconds * S - 1)
    expect(early.create).toHaveLength(0)
    expect(early.againInMs).toBe(1)
    expect(plan({}, failed(count), {}, T0 + seconds * S).create).toHaveLength(1)
  })

  it('a success ends the waiting', () => {
    const pods = [...failed(3), jobPod({ phase: 'Succeeded', ended: T0 + S })]
    expect(plan({ completions: 2 }, pods, {}, T0 + S).create).toHaveLength(1)
  })

  it('one more than the limit ends the Job; what runs is stopped', () => {
    const running = jobPod()
    const next = plan({ backoffLimit: 1, parallelism: 3, completions: 3 }, [...failed(2), running])
    expect(reason(next, 'FailureTarget')).toBe('BackoffLimitExceeded')
    expect(next.remove).toEqual([running])
    expect(reason(next, 'Failed')).toBeUndefined()
  })

  it('restarts of containers count against the limit where containers are restarted', () => {
    const template = makeJob().spec.template
    const onFailure = {
      ...template,
      spec: { ...template.spec, restartPolicy: 'OnFailure' as const },
    }
    const spec = { backoffLimit: 3, template: onFailure }
    expect(reason(plan(spec, [jobPod({ restarts: 2 })]), 'FailureTarget')).toBeUndefined()
    expect(reason(plan(spec, [jobPod({ restarts: 3 })]), 'FailureTarget')).toBe(
      'BackoffLimitExceeded',
    )
  })

  it('a deadline ends the Job', () => {
    const spec = { activeDeadlineSeconds: 5 }
    expect(plan(spec, [jobPod()], {}, T0 + 2 * S).againInMs).toBe(3 * S)
    const late = plan(spec, [jobPod()], {}, T0 + 5 * S)
    expect(conditionOf(late.status.conditions, 'FailureTarget')).toMatchObject({
      reason: 'DeadlineExceeded',
      message: 'Job was active longer than specified deadline',
    })
  })

  it.each<['FailJob' | 'Ignore' | 'Count', string | undefined, number]>([
    ['FailJob', 'PodFailurePolicy', 1],
    ['Ignore', undefined, 0],
    ['Count', undefined, 1],
  ])('a rule says %s', (action, target, counted) => {
    const onExitCodes = { operator: 'In' as const, values: [42] }
    const spec = { podFailurePolicy: { rules: [{ action, onExitCodes }] } }
    const pod = jobPod({ phase: 'Failed', exitCode: 42 })
    const next = plan(spec, [pod])
    expect(reason(next, 'FailureTarget')).toBe(target)
    expect(next.status.uncountedTerminatedPods?.failed ?? []).toHaveLength(counted)
    if (action !== 'FailJob') return
    expect(conditionOf(next.status.conditions, 'FailureTarget')?.message).toBe(
      `Container main for pod default/${pod.metadata.name} failed with exit code 42 matching FailJob rule at index 0`,
    )
  })
})

describe('an Indexed Job', () => {
  const indexed = { completionMode: 'Indexed' as const, completions: 5, parallelism: 3 }

  it('works on the lowest indexes that nobody works on', () => {
    const pods = [jobPod({ index: 1 }), jobPod({ index: 0, phase: 'Succeeded' })]
    const next = plan(indexed, pods)
    expect(indexes(next)).toEqual([2, 3])
    expect(next.status.completedIndexes).toBe('0')
    expect(next.status.succeeded).toBe(1)
  })

  it('stops the second pod of an index', () => {
    const next = plan(indexed, [jobPod({ index: 0 }), jobPod({ index: 0 })])
    expect(next.withdraw).toHaveLength(1)
    expect(next.create).toHaveLength(0)
  })

  it('tries each index as often as its own limit allows', () => {
    const spec = { ...indexed, backoffLimit: 2 ** 31 - 1, backoffLimitPerIndex: 1 }
    const first = [jobPod({ index: 0, phase: 'Failed', failures: 0 })]
    const soon = plan(spec, first)
    expect(indexes(soon)).toEqual([1, 2, 3])
    expect(soon.free).toEqual([])
    const later = plan(spec, first, {}, T0 + 10 * S)
    expect(later.create[0]).toEqual({ index: 0, failures: 1 })
    const twice = plan(spec, [jobPod({ index: 0, phase: 'Failed', failures: 1 })])
    expect(twice.status.failedIndexes).toBe('0')
    expect(indexes(twice)).toEqual([1, 2, 3])
  })

  it('has failed when all indexes are done and some failed, or too many did', () => {
    const spec = { ...indexed, backoffLimitPerIndex: 0, backoffLimit: 2 ** 31 - 1 }
    const status = { completedIndexes: '0-3' }
    const last = [jobPod({ index: 4, phase: 'Failed', failures: 0 })]
    expect(reason(plan(spec, last, status), 'FailureTarget')).toBe('FailedIndexes')
    expect(reason(plan({ ...spec, maxFailedIndexes: 0 }, last), 'FailureTarget')).toBe(
      'MaxFailedIndexesExceeded',
    )
  })

  it('has succeeded when a rule says that it is enough', () => {
    const successPolicy = { rules: [{ succeededIndexes: '0,2-3', succeededCount: 2 }] }
    const running = jobPod({ index: 4 })
    const next = plan({ ...indexed, successPolicy }, [running], { completedIndexes: '0,3' })
    expect(conditionOf(next.status.conditions, 'SuccessCriteriaMet')).toMatchObject({
      reason: 'SuccessPolicy',
      message: 'Matched rules at index 0',
    })
    expect(next.remove).toEqual([running])
    expect(
      plan({ ...indexed, successPolicy }, [], { completedIndexes: '0-1' }).create,
    ).toHaveLength(3)
  })
})

describe('suspension', () => {
  it('is said, and again when it is over, with a new start', () => {
    const asleep = plan({ suspend: true }, [jobPod()])
    expect(asleep.withdraw).toHaveLength(1)
    expect(asleep.says).toEqual([{ type: 'Normal', reason: 'Suspended', message: 'Job suspended' }])
    const awake = plan({}, [], asleep.status, T0 + 60 * S)
    expect(awake.says[0]?.reason).toBe('Resumed')
    expect(awake.status.startTime).toBe('2026-01-01T00:01:00Z')
    expect(awake.create).toHaveLength(1)
  })
})

it('a Job that has ended goes when its time is over', () => {
  const conditions = [
    { type: 'Complete', status: 'True' as const, lastTransitionTime: '2026-01-01T00:00:00Z' },
  ]
  const spec = { ttlSecondsAfterFinished: 10 }
  expect(plan(spec, [], { conditions }, T0 + 4 * S)).toMatchObject({
    expired: false,
    againInMs: 6 * S,
  })
  expect(plan(spec, [], { conditions }, T0 + 10 * S).expired).toBe(true)
})

/** A world in which plans are carried out, pods end as they like, and steps get lost in between. */
class World {
  job: Job
  pods: Pod[] = []
  now = T0
  ended = { succeeded: 0, failed: 0 }

  constructor(spec: Partial<JobSpec>) {
    this.job = makeJob(spec)
  }

  /** @param reach how much of the plan is carried out before the controller is interrupted */
  step(reach: 'status' | 'all'): void {
    const next = planJob(this.job, this.pods, this.now)
    const withdrawn = new Set(next.withdraw)
    this.pods = this.pods.filter((pod) => !withdrawn.has(pod))
    for (const pod of next.remove) this.end(pod, 'Failed')
    for (const { index, failures } of next.create) {
      this.pods.push(
        jobPod({
          ...(index !== undefined && { index }),
          ...(failures !== undefined && { failures }),
        }),
      )
    }
    this.job = { ...this.job, status: next.status }
    if (reach === 'status') return
    const free = new Set(next.free.map(({ metadata }) => metadata.uid))
    this.pods = this.pods.map((pod) =>
      free.has(pod.metadata.uid) ? { ...pod, metadata: { ...pod.metadata, finalizers: [] } } : pod,
    )
  }

  end(pod: Pod, phase: 'Succeeded' | 'Failed'): void {
    const state = { terminated: { exitCode: phase === 'Failed' ? 1 : 0 } }
    const containerStatuses = pod.status!.containerStatuses!.map((held) => ({ ...held, state }))
    const status = { phase, containerStatuses }
    this.pods = this.pods.map((held) =>
      held.metadata.uid === pod.metadata.uid ? { ...held, status } : held,
    )
    this.ended[phase === 'Succeeded' ? 'succeeded' : 'failed'] += 1
  }

  get running(): Pod[] {
    return this.pods.filter(({ status }) => status?.phase === 'Running')
  }
}

it('counts every pod exactly once, whatever ends when and whatever is interrupted', () => {
  const moves = fc.array(
    fc.record({
      ends: fc.constantFrom<('Succeeded' | 'Failed' | undefined)[]>(
        ['Succeeded'],
        ['Failed'],
        ['Succeeded', 'Failed'],
        [],
      ),
      reach: fc.constantFrom<'status' | 'all'>('status', 'all'),
      removes: fc.boolean(),
    }),
    { maxLength: 40 },
  )
  const shapes = fc.record({
    completions: fc.integer({ min: 1, max: 8 }),
    parallelism: fc.integer({ min: 1, max: 4 }),
    completionMode: fc.constantFrom<'Indexed' | 'NonIndexed'>('Indexed', 'NonIndexed'),
    backoffLimit: fc.integer({ min: 0, max: 6 }),
  })
  fc.assert(
    fc.property(shapes, moves, (spec, steps) => {
      const world = new World(spec)
      for (const { ends, reach, removes } of steps) {
        world.step(reach)
        world.now += 1000 * S
        for (const phase of ends) {
          const [pod] = world.running
          if (pod && phase) world.end(pod, phase)
        }
        // Ended pods that nobody holds may be cleared away at any time.
        if (removes)
          world.pods = world.pods.filter(
            (pod) => isTracked(pod) || !pod.status?.phase?.endsWith('ed'),
          )
        expect(world.running.length).toBeLessThanOrEqual(spec.parallelism)
      }
      for (let round = 0; round < 60 && !jobEnd(world.job); round += 1) {
        world.step('all')
        world.now += 1000 * S
        for (const pod of world.running) world.end(pod, 'Succeeded')
      }
      const { status = {} } = world.job
      expect(jobEnd(world.job)).toBeDefined()
      expect(status.uncountedTerminatedPods).toEqual({})
      expect(world.pods.filter(isTracked)).toEqual([])
      expect(status.failed ?? 0).toBe(world.ended.failed)
      const done = new Set(world.pods.filter((p) => p.status?.phase === 'Succeeded').map(indexOf))
      // An index may succeed more than once; a pod of a Job without indexes counts for itself.
      const least = spec.completionMode === 'Indexed' ? done.size : world.ended.succeeded
      expect(status.succeeded ?? 0).toBeGreaterThanOrEqual(least)
      expect(status.succeeded ?? 0).toBeLessThanOrEqual(world.ended.succeeded)
      const wanted = jobEnd(world.job) === 'Failed' ? status.succeeded : spec.completions
      expect(status.succeeded).toBe(wanted)
    }),
    { numRuns: 300 },
  )
})
