import { expect, test } from 'vitest'
import { CUES } from '../../../shared/acts.ts'
import { gateStateOf } from '../../../shared/gates.ts'
import type { RolloutView } from '../../../shared/stage.ts'
import { linesOf, minutesOf, paceOf } from './plan.ts'

test.each([
  [0, '0:00'],
  [59.9, '0:59'],
  [908, '15:08'],
  [3_600, '60:00'],
  [-3, '0:00'],
])('%d s is %s', (seconds, words) => expect(minutesOf(seconds)).toBe(words))

test('a step is on plan while it lasts as long as planned', () => {
  const { startsAt, step } = CUES[3]!
  expect(paceOf(3, startsAt)).toBe('on plan')
  expect(paceOf(3, startsAt + step.seconds)).toBe('on plan')
  expect(paceOf(3, startsAt + step.seconds + 38)).toBe('38 s behind plan')
  expect(paceOf(3, startsAt + step.seconds + 600)).toBe('10 min behind plan')
  expect(paceOf(3, startsAt - 12)).toBe('12 s ahead of plan')
})

test('what comes next is shown as it would be typed', () => {
  const rollout = {
    key: 'default/nginx',
    name: 'nginx',
    container: 'nginx',
    image: 'nginx:v2',
    paused: false,
  } as RolloutView
  const gate = gateStateOf(null, {
    rollouts: [rollout],
    fleets: [],
    services: [],
    nodes: [],
    readyServers: 0,
    scenes: [],
  })
  const step = CUES.find(({ step }) => step.title.startsWith('Ship version 3'))!.step
  expect(linesOf(step, gate)).toEqual(['kubectl set image deployment/nginx nginx=nginx:v3'])
  expect(linesOf(step, { ...gate, rollout: null })).toEqual([])
})
