import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { KubeObject } from './kubernetes/meta.ts'
import type { WatchEvent } from './watch.ts'
import { applyWatchEvent, replicaOf } from './watch.ts'

function object(name: string, revision: number): KubeObject {
  return { metadata: { namespace: 'default', name, resourceVersion: String(revision) } }
}

function event(type: 'ADDED' | 'MODIFIED' | 'DELETED', name: string, revision: number): WatchEvent {
  return { type, object: object(name, revision) }
}

const empty = () => replicaOf<KubeObject>({ metadata: { resourceVersion: '10' }, items: [] })

it('starts as the list and follows its changes', () => {
  const replica = replicaOf({ metadata: { resourceVersion: '10' }, items: [object('a', 7)] })
  expect(applyWatchEvent(replica, event('MODIFIED', 'a', 11))).toBe('applied')
  expect(applyWatchEvent(replica, event('ADDED', 'b', 12))).toBe('applied')
  expect(applyWatchEvent(replica, event('DELETED', 'a', 13))).toBe('applied')
  expect([...replica.objects.keys()]).toEqual(['default/b'])
  expect(replica.resourceVersion).toBe('13')
})

it('compares revisions as numbers', () => {
  const replica = empty()
  applyWatchEvent(replica, event('ADDED', 'a', 9))
  expect(applyWatchEvent(replica, event('MODIFIED', 'a', 10))).toBe('applied')
  expect(applyWatchEvent(replica, event('MODIFIED', 'a', 9))).toBe('skipped')
  expect(replica.objects.get('default/a')?.metadata.resourceVersion).toBe('10')
})

it('learns from a bookmark how far it has seen, and nothing else', () => {
  const replica = empty()
  const bookmark: WatchEvent = { type: 'BOOKMARK', object: { metadata: { resourceVersion: '42' } } }
  expect(applyWatchEvent(replica, bookmark)).toBe('skipped')
  expect(replica).toEqual({ resourceVersion: '42', objects: new Map() })
})

/** A history as a store would write it: every object is added, changed and deleted in turn. */
const history = fc
  .array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.boolean()), { maxLength: 30 })
  .map((steps) => {
    const alive = new Set<string>()
    return steps.flatMap(([name, remove], i): WatchEvent[] => {
      const exists = alive.has(name)
      if (remove && !exists) return []
      if (remove) alive.delete(name)
      else alive.add(name)
      return [event(remove ? 'DELETED' : exists ? 'MODIFIED' : 'ADDED', name, 11 + i)]
    })
  })

it('ends the same when it is told again what it knows already', () => {
  fc.assert(
    fc.property(history, fc.nat(30), (events, again) => {
      const once = empty()
      for (const each of events) applyWatchEvent(once, each)
      const twice = empty()
      const replayed = events.flatMap((each, i) => (i === again ? [each, each] : [each]))
      for (const each of replayed) applyWatchEvent(twice, each)
      expect(twice.objects).toEqual(once.objects)
    }),
  )
})
