import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Step } from './plan.ts'
import { planStep } from './plan.ts'

test.each<[string, Parameters<typeof planStep>[0], Step]>([
  [
    'begins with one more',
    { oldSize: 3, newSize: 0, newReady: 0, original: 3, desired: 3 },
    { do: 'scale new', from: 0, to: 1 },
  ],
  [
    'waits until it serves',
    { oldSize: 3, newSize: 1, newReady: 0, original: 3, desired: 3 },
    { do: 'wait' },
  ],
  [
    'then takes an old one away',
    { oldSize: 3, newSize: 1, newReady: 1, original: 3, desired: 3 },
    { do: 'scale old', from: 3, to: 2 },
  ],
  [
    'grows at once when nothing old is left',
    { oldSize: 0, newSize: 1, newReady: 1, original: 1, desired: 5 },
    { do: 'scale new', from: 1, to: 5 },
  ],
  [
    'ends when all serve',
    { oldSize: 0, newSize: 3, newReady: 3, original: 3, desired: 3 },
    { do: 'finish' },
  ],
])('%s', (_what, sizes, step) => {
  expect(planStep(sizes)).toEqual(step)
})

interface World {
  oldSize: number
  newSize: number
  newReady: number
  original: number
  desired: number
}

/** What the world is after each step, until the plan says that it is done; pods become ready when they are lucky. */
function follow(original: number, desired: number, isLucky: () => boolean): World[] {
  const at = { oldSize: original, newSize: 0, newReady: 0, original, desired }
  const seen = [{ ...at }]
  for (let turn = 0; turn < 500; turn++) {
    const step = planStep(at)
    if (step.do === 'finish') return seen
    if (step.do === 'scale new') at.newSize = step.to
    else if (step.do === 'scale old') at.oldSize = step.to
    else if (isLucky()) at.newReady = Math.min(at.newSize, at.newReady + 1)
    seen.push({ ...at })
  }
  throw new Error(`no end: ${JSON.stringify(at)}`)
}

test('whatever the sizes and however slowly pods come, it ends, never too many, never too few', () => {
  const size = fc.integer({ min: 0, max: 12 })
  fc.assert(
    fc.property(size, size, fc.infiniteStream(fc.boolean()), (original, desired, luck) => {
      const seen = follow(original, desired, () => luck.next().value)
      expect(seen.at(-1)).toMatchObject({ oldSize: 0, newSize: desired, newReady: desired })
      const most = Math.max(original, desired) + 1
      expect(seen.filter((at) => at.oldSize > 0 && at.oldSize + at.newSize > most)).toEqual([])
      const fewest = Math.min(original, desired)
      expect(seen.filter((at) => at.oldSize + at.newReady < fewest)).toEqual([])
    }),
  )
})
