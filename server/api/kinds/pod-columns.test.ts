import { expect, it } from 'vitest'
import type { ContainerStatus, Pod, PodStatus } from '../../../shared/kubernetes/pod.ts'
import { podColumns, podLine } from './pod-columns.ts'

const NOW = Date.parse('2030-01-01T00:00:00Z')
const containers = [{ name: 'a' }, { name: 'b' }]
const initContainers = [{ name: 'i' }, { name: 'j' }]

function container(state: ContainerStatus['state'], ready = false): ContainerStatus {
  return { name: 'a', ready, restartCount: 0, image: '', imageID: '', ...(state && { state }) }
}

const running = container({ running: {} }, true)
const completed = container({ terminated: { exitCode: 0, reason: 'Completed' } })

function pod(status: PodStatus, metadata: Pod['metadata'] = {}): Pod {
  return { metadata: { name: 'x', ...metadata }, spec: { containers, initContainers }, status }
}

const deleted = { deletionTimestamp: '2029-12-31T23:59:59Z' }

it.each<[string, Pod]>([
  ['0/2 Pending 0', pod({ phase: 'Pending' })],
  ['2/2 Running 0', pod({ phase: 'Running', containerStatuses: [running, running] })],
  ['2/2 Terminating 0', pod({ phase: 'Running', containerStatuses: [running, running] }, deleted)],
  ['0/2 Unknown 0', pod({ phase: 'Running', reason: 'NodeLost' }, deleted)],
  ['0/2 Evicted 0', pod({ phase: 'Failed', reason: 'Evicted' })],
  [
    '0/2 Completed 0',
    pod({ phase: 'Succeeded', containerStatuses: [completed, completed] }, deleted),
  ],
  [
    '1/2 CrashLoopBackOff 0',
    pod({
      phase: 'Running',
      containerStatuses: [running, container({ waiting: { reason: 'CrashLoopBackOff' } })],
    }),
  ],
  ['1/2 NotReady 0', pod({ phase: 'Running', containerStatuses: [completed, running] })],
  [
    '1/2 Running 0',
    pod({
      phase: 'Running',
      containerStatuses: [completed, running],
      conditions: [{ type: 'Ready', status: 'True' }],
    }),
  ],
  [
    '0/2 ExitCode:3 0',
    pod({ phase: 'Failed', containerStatuses: [container({ terminated: { exitCode: 3 } })] }),
  ],
  [
    '0/2 Signal:9 0',
    pod({
      phase: 'Failed',
      containerStatuses: [container({ terminated: { exitCode: 137, signal: 9 } })],
    }),
  ],
  [
    '0/2 Init:1/2 0',
    pod({
      phase: 'Pending',
      initContainerStatuses: [completed, container({ running: {} })],
      containerStatuses: [container({ waiting: { reason: 'PodInitializing' } })],
    }),
  ],
  [
    '0/2 Init:Error 0',
    pod({
      phase: 'Pending',
      initContainerStatuses: [container({ terminated: { exitCode: 1, reason: 'Error' } })],
    }),
  ],
  [
    '0/2 Init:CrashLoopBackOff 0',
    pod({
      phase: 'Pending',
      initContainerStatuses: [container({ waiting: { reason: 'CrashLoopBackOff' } })],
    }),
  ],
  [
    '0/2 PodInitializing 0',
    pod({
      phase: 'Pending',
      initContainerStatuses: [completed, completed],
      containerStatuses: [container({ waiting: { reason: 'PodInitializing' } })],
    }),
  ],
])('%s', (expected, object) => {
  const { ready, status, restarts } = podLine(object, NOW)
  expect(`${ready} ${status} ${restarts}`).toBe(expected)
})

it('says how often and when containers were restarted', () => {
  const lastState = { terminated: { exitCode: 1, finishedAt: '2029-12-31T23:55:00Z' } }
  const restarted = { ...running, restartCount: 1, lastState }
  const object = pod({ phase: 'Running', containerStatuses: [restarted, running] })
  expect(podLine(object, NOW).restarts).toBe('1 (5m ago)')
})

it('fills the wide columns', () => {
  const object = pod({ phase: 'Running', podIPs: [{ ip: '127.64.0.7' }] })
  object.spec.nodeName = 'node-1'
  const wide = podColumns.filter(({ priority }) => priority === 1)
  expect(wide.map(({ name, cell }) => `${name}=${cell(object, NOW)}`)).toEqual([
    'IP=127.64.0.7',
    'Node=node-1',
    'Nominated Node=<none>',
    'Readiness Gates=<none>',
  ])
})
