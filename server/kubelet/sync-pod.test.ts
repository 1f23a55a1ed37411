import { describe, expect, test } from 'vitest'
import type { Pod, PodSpec } from '../../shared/kubernetes/pod.ts'
import type { ContainerExit, ObservedContainer, ObservedPod } from './observed.ts'
import { firstObservation, restartAt } from './observed.ts'
import { podStatus } from './pod-status.ts'
import { syncPod } from './sync-pod.ts'

const NOW = Date.UTC(2026, 0, 1)
const POLICY = { baseMs: 1000, maxMs: 300_000, resetAfterMs: 600_000 }

function pod(spec: Partial<PodSpec> = {}, metadata: Partial<Pod['metadata']> = {}): Pod {
  return {
    metadata: { name: 'p', namespace: 'default', uid: 'u', ...metadata },
    spec: {
      nodeName: 'n',
      restartPolicy: 'Always',
      containers: [{ name: 'a', image: 'i' }],
      ...spec,
    },
  }
}

function exit(exitCode: number, finishedAt = NOW): ContainerExit {
  return {
    id: 'x',
    exitCode,
    reason: exitCode ? 'Error' : 'Completed',
    startedAt: finishedAt - 10,
    finishedAt,
  }
}

/** An observation of `p`, prepared, with changes to its containers by name. */
function seen(
  p: Pod,
  changes: Record<string, Partial<ObservedContainer>>,
  rest: Partial<ObservedPod> = {},
): ObservedPod {
  const observed = { ...firstObservation(p, '127.32.0.1', NOW), prepared: 'yes' as const, ...rest }
  for (const container of [...observed.initContainers, ...observed.containers]) {
    Object.assign(container, changes[container.name])
  }
  return observed
}

const words = (p: Pod, observed: ObservedPod, now = NOW): string[] =>
  syncPod(p, observed, POLICY, now).actions.map((action) =>
    'container' in action ? `${action.do} ${action.container.name}` : action.do,
  )

describe('the plan of a pod', () => {
  const two = {
    initContainers: [{ name: 'i' }, { name: 'j' }],
    containers: [{ name: 'a' }, { name: 'b' }],
  }
  const done: Partial<ObservedContainer> = { phase: 'exited', exit: exit(0) }
  const failed: Partial<ObservedContainer> = { phase: 'exited', exit: exit(1), crashes: 1 }
  const deleted = { deletionTimestamp: 'now' }
  const table: [string, Pod, ObservedPod, string[]][] = [
    ['is prepared first', pod(), seen(pod(), {}, { prepared: 'no' }), ['prepare']],
    ['waits while it is prepared', pod(), seen(pod(), {}, { prepared: 'going on' }), []],
    ['starts its container', pod(), seen(pod(), {}), ['start a']],
    ['starts the first init container only', pod(two), seen(pod(two), {}), ['start i']],
    ['then the second', pod(two), seen(pod(two), { i: done }), ['start j']],
    ['then all containers', pod(two), seen(pod(two), { i: done, j: done }), ['start a', 'start b']],
    ['repeats an init container that failed', pod(two), seen(pod(two), { i: failed }), ['start i']],
    [
      'gives up after a failed init container when it may not restart',
      pod({ ...two, restartPolicy: 'Never' }),
      seen(pod(two), { i: failed }),
      ['release'],
    ],
    ['leaves alone what runs', pod(), seen(pod(), { a: { phase: 'running' } }), []],
    [
      'stops what a probe condemned',
      pod(),
      seen(pod(), {
        a: { phase: 'running', condemned: { message: 'm', graceSeconds: undefined } },
      }),
      ['stop a'],
    ],
    [
      'stops what runs another image than it should',
      pod(),
      seen(pod(), { a: { phase: 'running', image: 'old' } }),
      ['stop a'],
    ],
    ['restarts what ended well, with Always', pod(), seen(pod(), { a: done }), ['start a']],
    [
      'but not with OnFailure',
      pod({ restartPolicy: 'OnFailure' }),
      seen(pod(), { a: done }),
      ['release'],
    ],
    [
      'restarts what failed, with OnFailure',
      pod({ restartPolicy: 'OnFailure' }),
      seen(pod(), { a: failed }),
      ['start a'],
    ],
    [
      'but not with Never',
      pod({ restartPolicy: 'Never' }),
      seen(pod(), { a: failed }),
      ['release'],
    ],
    [
      'releases once',
      pod({ restartPolicy: 'Never' }),
      seen(pod(), { a: failed }, { settled: 'released' }),
      [],
    ],
    [
      'begins to end when deleted',
      pod({}, deleted),
      seen(pod(), { a: { phase: 'running' } }),
      ['end'],
    ],
    [
      'then stops what runs',
      pod({}, deleted),
      seen(pod(), { a: { phase: 'running' } }, { end: { kind: 'deleted' } }),
      ['stop a'],
    ],
    [
      'waits for what starts, to stop it then',
      pod({}, deleted),
      seen(pod(), { a: { phase: 'starting' } }, { end: { kind: 'deleted' } }),
      [],
    ],
    [
      'and confirms when nothing lives',
      pod({}, deleted),
      seen(pod(), { a: failed }, { end: { kind: 'deleted' } }),
      ['confirm deletion'],
    ],
    [
      'ends at its deadline',
      pod({ activeDeadlineSeconds: 5 }),
      seen(pod(), { a: { phase: 'running' } }, { startTime: NOW - 5000 }),
      ['end'],
    ],
  ]
  test.each(table)('%s', (_what, p, observed, expected) => {
    expect(words(p, observed)).toEqual(expected)
  })

  test('waits for the back-off, and says until when', () => {
    const observed = seen(pod(), { a: { ...failed, crashes: 3 } })
    expect(syncPod(pod(), observed, POLICY, NOW)).toEqual({ actions: [], wakeAt: NOW + 2000 })
    expect(words(pod(), observed, NOW + 2000)).toEqual(['start a'])
  })

  test('the back-off doubles from the second restart on, up to its maximum', () => {
    const waits = [1, 2, 3, 4, 20].map((crashes) => {
      const [container] = seen(pod(), { a: { ...failed, crashes } }).containers
      return Math.max(0, restartAt(container!, POLICY) - NOW)
    })
    expect(waits).toEqual([0, 1000, 2000, 4000, 300_000])
  })
})

describe('the status of a pod', () => {
  const status = (p: Pod, observed: ObservedPod, now = NOW) => podStatus(p, observed, POLICY, now)
  const running: Partial<ObservedContainer> = {
    phase: 'running',
    startedAt: NOW,
    started: true,
    ready: true,
  }
  const failed: Partial<ObservedContainer> = { phase: 'exited', exit: exit(1), crashes: 1 }
  const done: Partial<ObservedContainer> = { phase: 'exited', exit: exit(0), crashes: 1 }
  const two = { containers: [{ name: 'a' }, { name: 'b' }] }
  const phases: [string, Pod, ObservedPod, string][] = [
    ['nothing yet', pod(), seen(pod(), {}), 'Pending'],
    ['all run', pod(), seen(pod(), { a: running }), 'Running'],
    ['one of two has not started', pod(two), seen(pod(two), { a: running }), 'Pending'],
    ['one of two ended', pod(two), seen(pod(two), { a: running, b: failed }), 'Running'],
    ['all ended, Always', pod(), seen(pod(), { a: failed }), 'Running'],
    [
      'all ended well, Never',
      pod({ restartPolicy: 'Never' }),
      seen(pod(), { a: done }),
      'Succeeded',
    ],
    ['all ended, Never', pod({ restartPolicy: 'Never' }), seen(pod(), { a: failed }), 'Failed'],
    [
      'one failed, OnFailure',
      pod({ ...two, restartPolicy: 'OnFailure' }),
      seen(pod(two), { a: failed, b: done }),
      'Running',
    ],
    [
      'deleted, ended well',
      pod({}, { deletionTimestamp: 'x' }),
      seen(pod(), { a: done }, { end: { kind: 'deleted' } }),
      'Succeeded',
    ],
    [
      'deleted, killed',
      pod({}, { deletionTimestamp: 'x' }),
      seen(pod(), { a: failed }, { end: { kind: 'deleted' } }),
      'Failed',
    ],
    [
      'init pending',
      pod({ initContainers: [{ name: 'i' }] }),
      seen(pod({ initContainers: [{ name: 'i' }] }), { i: running }),
      'Pending',
    ],
  ]
  test.each(phases)('%s', (_what, p, observed, phase) => {
    expect(status(p, observed).phase).toBe(phase)
  })

  test('a final phase stays, whatever is seen', () => {
    const evicted = {
      ...pod(),
      status: { phase: 'Failed' as const, reason: 'Evicted', message: 'm' },
    }
    expect(status(evicted, seen(pod(), {}))).toMatchObject({
      phase: 'Failed',
      reason: 'Evicted',
      message: 'm',
    })
  })

  test('conditions keep the time of their last transition', () => {
    const first = {
      ...pod(),
      status: status(pod(), seen(pod(), { a: { ...running, ready: false } })),
    }
    const later = status(first, seen(pod(), { a: running }), NOW + 5000)
    const at = (type: string) => later.conditions?.find((c) => c.type === type)?.lastTransitionTime
    expect(at('Initialized')).toBe('2026-01-01T00:00:00Z')
    expect(at('Ready')).toBe('2026-01-01T00:00:05Z')
  })

  test('readiness gates hold Ready back, not ContainersReady', () => {
    const gated = pod({ readinessGates: [{ conditionType: 'example.com/go' }] })
    const conditions = status(gated, seen(gated, { a: running })).conditions
    expect(conditions?.find(({ type }) => type === 'ContainersReady')?.status).toBe('True')
    expect(conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
      status: 'False',
      reason: 'ReadinessGatesNotReady',
      message: 'corresponding condition of pod readiness gate "example.com/go" does not exist.',
    })
  })

  test('waiting says why', () => {
    const init = pod({ initContainers: [{ name: 'i' }] })
    const reason = (p: Pod, observed: ObservedPod) =>
      status(p, observed).containerStatuses?.[0]?.state?.waiting?.reason
    expect(reason(pod(), seen(pod(), {}))).toBe('ContainerCreating')
    expect(reason(init, seen(init, {}))).toBe('PodInitializing')
    expect(reason(pod(), seen(pod(), { a: { ...failed, crashes: 2 } }))).toBe('CrashLoopBackOff')
  })
})

describe('a pod met again after a restart of the node', () => {
  test('what ran has died; what had ended keeps its end', () => {
    const p = pod({ containers: [{ name: 'a' }, { name: 'b' }] })
    const status = podStatus(
      p,
      seen(p, {
        a: { phase: 'running', startedAt: NOW, id: 'x1', restartCount: 2 },
        b: { phase: 'exited', exit: exit(4), crashes: 9, restartCount: 8 },
      }),
      POLICY,
      NOW,
    )
    const again = firstObservation({ ...p, status }, '127.32.0.1', NOW + 1000)
    expect(again.containers[0]).toMatchObject({
      phase: 'exited',
      restartCount: 2,
      exit: { exitCode: 255, reason: 'Unknown', finishedAt: NOW + 1000 },
    })
    expect(again.containers[1]).toMatchObject({
      phase: 'exited',
      restartCount: 8,
      exit: { exitCode: 4 },
    })
    expect(words(p, { ...again, prepared: 'yes' })).toEqual(['start a', 'start b'])
  })
})
