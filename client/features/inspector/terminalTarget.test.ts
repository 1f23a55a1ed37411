// What a terminal speaks with, and why there is none.
import { expect, test } from 'vitest'
import type { ContainerState, Pod } from '../../../shared/kubernetes/pod.ts'
import { isInteractive, kubectlLine, terminalContainers, whyNoTerminal } from './terminalTarget.ts'

const pod = (
  state?: ContainerState,
  more: Partial<Pod['spec']> = {},
  namespace = 'default',
): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'nginx-1', namespace },
  spec: { containers: [{ name: 'web' }], nodeName: 'node-1', ...more },
  status: {
    containerStatuses: [
      {
        name: 'web',
        ready: true,
        restartCount: 0,
        image: '',
        imageID: '',
        ...(state && { state }),
      },
    ],
  },
})
const up = { simulated: false, failed: false }

test('a container that runs has one', () => {
  expect(whyNoTerminal(pod({ running: {} }), 'web', up)).toBeNull()
  expect(whyNoTerminal(pod({ running: {} }), 'web', undefined)).toBeNull()
})

test('whatever is in the way is said', () => {
  const running = pod({ running: {} })
  expect(whyNoTerminal(running, 'web', { ...up, simulated: true })).toMatch(/^node-1 is simulated/)
  expect(whyNoTerminal(running, 'web', { ...up, failed: true })).toMatch(/^node-1 has failed/)
  expect(whyNoTerminal(running, 'other', up)).toBe('Container other does not run yet.')
  const { nodeName: _, ...unplaced } = running.spec
  expect(whyNoTerminal({ ...running, spec: unplaced }, 'web', undefined)).toMatch(/^It waits/)
  expect(whyNoTerminal(pod({ terminated: { exitCode: 3 } }), 'web', up)).toContain('exit code 3')
  const waiting = { reason: 'CrashLoopBackOff', message: 'back-off 10s' }
  expect(whyNoTerminal(pod({ waiting }), 'web', up)).toBe(
    'Container web does not run yet (CrashLoopBackOff: back-off 10s).',
  )
  const leaving = pod()
  leaving.metadata.deletionTimestamp = '2026-01-01T00:00:00Z'
  expect(whyNoTerminal(leaving, 'web', up)).toMatch(/^The pod is being deleted/)
})

test('the containers, the pod’s own first, and the line of kubectl', () => {
  const many = pod(undefined, { initContainers: [{ name: 'init' }] }, 'games')
  expect(terminalContainers(many).map(({ name }) => name)).toEqual(['web', 'init'])
  expect(kubectlLine('exec', pod(), 'web')).toBe('kubectl exec nginx-1 -c web -i -t -- sh')
  expect(kubectlLine('attach', many, 'web')).toBe('kubectl attach nginx-1 -c web -i -t -n games')
  expect(isInteractive({ name: 'a', stdin: true, tty: true })).toBe(true)
  expect(isInteractive({ name: 'a', stdin: true })).toBe(false)
})
