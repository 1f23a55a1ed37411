import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { controllerOf } from '../../shared/kubernetes/meta.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import type { Informer, ObjectChange } from '../machinery/informer.ts'
import { PodTallies, tallyOf, type TallyBy } from './pod-tally.ts'
import { makePod } from './testing/objects.ts'

/** An informer that is told what happens. */
function toldInformer() {
  const held = new Map<string, Pod>()
  const subscribers: ((change: ObjectChange<Pod>) => void)[] = []
  const informer = {
    addIndex: () => undefined,
    byIndex: (_index: string, uid: string) =>
      [...held.values()].filter((pod) => controllerOf(pod)?.uid === uid),
    subscribe: (onChange: (change: ObjectChange<Pod>) => void) => {
      subscribers.push(onChange)
      return () => void subscribers.splice(0)
    },
  } as unknown as Informer<Pod>
  const tell = (name: string, object: Pod | undefined): void => {
    const previous = held.get(name)
    if (object) held.set(name, object)
    else held.delete(name)
    if (!object && !previous) return
    const type = !object ? 'deleted' : previous ? 'modified' : 'added'
    const change = { type, object: object ?? previous, previous } as ObjectChange<Pod>
    for (const subscriber of subscribers) subscriber(change)
  }
  return { informer, tell, held }
}

const BY: TallyBy = { selector: { matchLabels: { app: 'web' } }, templateLabels: { tier: 'front' } }

test('whatever happens to the pods, the counts are what counting them again would give', () => {
  const anyPod = fc.option(
    fc.record({
      owner: fc.constantFrom('set', 'other', ''),
      labels: fc.constantFrom({ app: 'web' }, { app: 'web', tier: 'front' }, { app: 'db' }),
      phase: fc.constantFrom('Pending' as const, 'Running' as const, 'Failed' as const),
      ready: fc.boolean(),
      deleting: fc.boolean(),
    }),
    { nil: undefined },
  )
  const steps = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), anyPod), { maxLength: 30 })
  fc.assert(
    fc.property(steps, fc.nat(30), (happened, askedAfter) => {
      const { informer, tell, held } = toldInformer()
      const tallies = new PodTallies(informer)
      for (const [i, [name, options]] of happened.entries()) {
        if (i === askedAfter) tallies.of('set', BY)
        tell(name, options && makePod({ name, ...options }))
      }
      const own = [...held.values()].filter((pod) => controllerOf(pod)?.uid === 'set')
      expect(tallies.of('set', BY)).toEqual(tallyOf(own, BY))
    }),
  )
})

test('another selector counts anew', () => {
  const { informer, tell } = toldInformer()
  const tallies = new PodTallies(informer)
  tell('a', makePod({ owner: 'set' }))
  expect(tallies.of('set', BY)).toMatchObject({ active: 1, strangers: 0 })
  const other = { ...BY, selector: { matchLabels: { app: 'db' } } }
  expect(tallies.of('set', other)).toMatchObject({ active: 0, strangers: 1 })
})
