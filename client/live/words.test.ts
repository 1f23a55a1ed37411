import { expect, test } from 'vitest'
import { createWords } from './words.ts'

test('listeners are told once for all changes of a moment, together', () => {
  const told: string[] = []
  let run = (): void => expect.unreachable()
  let asked = 0
  const words = createWords((_, then) => {
    asked += 1
    run = then
  })
  const a = (): void => void told.push('a')
  const b = (): void => void told.push('b')
  const gone = (): void => void told.push('gone')
  for (const each of [a, b, a, gone, b]) words.tell(each)
  words.forget(gone)
  expect({ asked, told }).toEqual({ asked: 1, told: [] })
  run()
  expect(told).toEqual(['a', 'b'])
  words.tell(a)
  run()
  expect({ asked, told }).toEqual({ asked: 2, told: ['a', 'b', 'a'] })
})

test('a moment in which everybody left asks for nothing more, and the next is told', () => {
  const told: string[] = []
  let run = (): void => expect.unreachable()
  const words = createWords((_, then) => (run = then))
  const a = (): void => void told.push('a')
  words.tell(a)
  words.forget(a)
  words.tell(a)
  run()
  expect(told).toEqual(['a'])
})
