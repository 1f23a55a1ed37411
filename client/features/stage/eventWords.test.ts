import { expect, test } from 'vitest'
import type { EventView } from '../../../shared/stage.ts'
import { filtered } from './EventsDrawer.tsx'
import { isTelling, newest, wordsOf } from './eventWords.ts'

const event = (part: Partial<EventView>): EventView => ({
  kind: 'event',
  key: 'default/e',
  at: 0,
  type: 'Normal',
  reason: 'Started',
  about: 'Pod nginx-abc',
  message: 'Started container nginx',
  ...part,
})

test('an event names whom it is about once', () => {
  expect(wordsOf(event({}))).toBe('nginx-abc: Started container nginx')
  expect(wordsOf(event({ message: 'Created pod: nginx-abc' }))).toBe('Created pod: nginx-abc')
  expect(wordsOf(event({ message: '' }))).toBe('nginx-abc: Started')
})

test('what every container goes through is left out, warnings are not', () => {
  const none = new Set<string>()
  expect(isTelling(event({ reason: 'Pulled' }), none)).toBe(false)
  expect(isTelling(event({ reason: 'Pulled', type: 'Warning' }), none)).toBe(true)
})

test('that a pod was not ready is no news once it is', () => {
  const unhealthy = event({ type: 'Warning', reason: 'Unhealthy' })
  expect(isTelling(unhealthy, new Set())).toBe(true)
  expect(isTelling(unhealthy, new Set(['nginx-abc']))).toBe(false)
  expect(isTelling(event({ type: 'Warning', reason: 'Evicted' }), new Set(['nginx-abc']))).toBe(
    true,
  )
})

test('the newest come first', () => {
  expect(newest([{ at: 1 }, { at: 3 }, { at: 2 }], 2)).toEqual([{ at: 3 }, { at: 2 }])
})

test('events are found by kind and by any of their words', () => {
  const events = [
    event({ key: 'a', at: 1 }),
    event({ key: 'b', at: 2, type: 'Warning', reason: 'BackOff', message: 'Back-off restarting' }),
  ]
  const keys = (found: EventView[]): string[] => found.map(({ key }) => key)
  expect(keys(filtered(events, 'all', ''))).toEqual(['b', 'a'])
  expect(keys(filtered(events, 'warnings', ''))).toEqual(['b'])
  expect(keys(filtered(events, 'all', ' NGINX-abc '))).toEqual(['b', 'a'])
  expect(keys(filtered(events, 'all', 'back-off'))).toEqual(['b'])
  expect(filtered(events, 'warnings', 'started container')).toEqual([])
})
