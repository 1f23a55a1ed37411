import { expect, test } from 'vitest'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import type { PodState } from '../../shared/stage.ts'
import { podCondition } from './podState.ts'
import { crashed, pod } from './testing/objects.ts'

const now = Date.parse('2025-01-01T00:01:00Z')
const waiting = (reason: string): object => ({ ready: false, state: { waiting: { reason } } })

function unschedulable(): Pod {
  const unplaced = pod({ name: 'a', node: null, ready: false, phase: 'Pending' })
  const message = '0/4 nodes are available: 4 Insufficient cpu.'
  unplaced.status!.conditions = [
    { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message },
  ]
  return unplaced
}

function withStartupProbe(started: boolean): Pod {
  const probed = pod({ name: 'a', ready: false, status: { started } })
  probed.spec.containers[0]!.startupProbe = { tcpSocket: { port: 80 } }
  return probed
}

test.each<[string, Pod, PodState, number, string | null]>([
  ['not scheduled', pod({ name: 'a', node: null, ready: false }), 'pending', 0, null],
  [
    'fits on no node',
    unschedulable(),
    'pending',
    0,
    'Unschedulable: 0/4 nodes are available: 4 Insufficient cpu.',
  ],
  [
    'scheduled',
    pod({ name: 'a', ready: false, phase: 'Pending', status: waiting('ContainerCreating') }),
    'starting',
    0.25,
    'ContainerCreating',
  ],
  ['running', pod({ name: 'a', ready: false }), 'starting', 0.6, 'ContainersNotReady'],
  ['startup probe still fails', withStartupProbe(false), 'starting', 0.6, 'ContainersNotReady'],
  ['startup probe passed', withStartupProbe(true), 'starting', 0.8, 'ContainersNotReady'],
  ['ready', pod({ name: 'a' }), 'ready', 1, null],
  [
    'crash-looping',
    pod({ name: 'a', ready: false, status: crashed(1) }),
    'failed',
    0,
    'CrashLoopBackOff (exit 1)',
  ],
  [
    'just ended with an error',
    pod({ name: 'a', ready: false, status: { state: { terminated: { exitCode: 3 } } } }),
    'failed',
    0,
    'Error (exit 3)',
  ],
  [
    'no such image',
    pod({ name: 'a', ready: false, status: waiting('ErrImagePull') }),
    'failed',
    0,
    'ErrImagePull',
  ],
  ['failed for good', pod({ name: 'a', ready: false, phase: 'Failed' }), 'failed', 0, 'Failed'],
  ['succeeded', pod({ name: 'a', ready: false, phase: 'Succeeded' }), 'succeeded', 1, null],
  [
    'half of its grace is over',
    pod({ name: 'a', deletedAt: '2025-01-01T00:01:05Z', graceSeconds: 10 }),
    'stopping',
    0.5,
    null,
  ],
  [
    'stopping although it crashes',
    pod({ name: 'a', status: crashed(1), deletedAt: '2025-01-01T00:01:00Z', graceSeconds: 0 }),
    'stopping',
    1,
    null,
  ],
])('%s', (_, subject, state, progress, reason) => {
  expect(podCondition(subject, false, now)).toMatchObject({ state, progress, reason })
})

test('on a lost node nobody knows what a pod does, unless it had ended', () => {
  const deleted = pod({ name: 'a', deletedAt: '2025-01-01T00:01:05Z' })
  expect(podCondition(deleted, true, now).state).toBe('unknown')
  expect(podCondition(pod({ name: 'a' }), true, now).state).toBe('unknown')
  expect(podCondition(pod({ name: 'a', phase: 'Succeeded' }), true, now).state).toBe('succeeded')
})

test('a stopping pod says when its grace ends', () => {
  const deleted = pod({ name: 'a', deletedAt: '2025-01-01T00:01:05Z', graceSeconds: 10 })
  expect(podCondition(deleted, false, now)).toMatchObject({
    stopsBy: Date.parse('2025-01-01T00:01:05Z'),
    sinceAtLeast: Date.parse('2025-01-01T00:00:55Z'),
  })
})
