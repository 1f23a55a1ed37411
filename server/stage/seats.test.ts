import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSeats, lowestFree } from './seats.ts'
import { pod } from './testing/objects.ts'

test('the lowest free number is given out', () => {
  const numbers = lowestFree()
  expect([numbers.take(), numbers.take(), numbers.take()]).toEqual([0, 1, 2])
  numbers.release(1)
  numbers.release(0)
  expect([numbers.take(), numbers.take(), numbers.take()]).toEqual([0, 1, 3])
})

test('a pod keeps its slot for life; a new one takes the lowest that is free', () => {
  const seats = createSeats(() => 'server')
  const slot = (name: string): number | null => seats.seatOf(pod({ name }), 0).slot
  expect([slot('a'), slot('b'), slot('c')]).toEqual([0, 1, 2])
  seats.leave('uid-a', 0)
  seats.leave('uid-b', 0)
  expect(slot('c')).toBe(2)
  expect([slot('d'), slot('e'), slot('f')]).toEqual([0, 1, 3])
})

test('slots count per node and role, and begin when the pod is scheduled', () => {
  const seats = createSeats(({ metadata }) =>
    metadata.labels?.run === 'bot' ? 'loadbot' : 'server',
  )
  const unplaced = seats.seatOf(pod({ name: 'a', node: null }), 0)
  expect(unplaced.slot).toBeNull()
  expect(seats.seatOf(pod({ name: 'b' }), 0).slot).toBe(0)
  expect(seats.seatOf(pod({ name: 'c', run: 'bot' }), 0).slot).toBe(0)
  expect(seats.seatOf(pod({ name: 'd', node: 'node-2' }), 0).slot).toBe(0)
  expect(seats.seatOf(pod({ name: 'a' }), 0)).toEqual({ ...unplaced, slot: 1 })
})

test('a number rests before it stands for another pod', () => {
  const seats = createSeats(() => 'server')
  expect(seats.seatOf(pod({ name: 'a' }), 0).index).toBe(0)
  seats.leave('uid-a', 1_000)
  expect(seats.seatOf(pod({ name: 'b' }), 2_000).index).toBe(1)
  expect(seats.seatOf(pod({ name: 'c' }), 6_000).index).toBe(0)
})

test('two pods never sit on one slot or number', () => {
  const steps = fc.array(fc.record({ pod: fc.nat(12), node: fc.nat(2), stays: fc.boolean() }))
  fc.assert(
    fc.property(steps, (moves) => {
      const seats = createSeats(() => 'server')
      const present = new Map<string, { node: string; slot: number | null; index: number }>()
      moves.forEach((move, time) => {
        const name = `p${move.pod}`
        if (present.has(name) && !move.stays) {
          seats.leave(`uid-${name}`, time * 2_000)
          present.delete(name)
          return
        }
        const node = present.get(name)?.node ?? `node-${move.node}`
        present.set(name, { node, ...seats.seatOf(pod({ name, node }), time * 2_000) })
        const places = [...present.values()].map(({ node, slot }) => `${node}/${slot}`)
        const indexes = [...present.values()].map(({ index }) => index)
        expect(new Set(places).size).toBe(places.length)
        expect(new Set(indexes).size).toBe(indexes.length)
      })
    }),
  )
})
