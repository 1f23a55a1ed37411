import { expect, test } from 'vitest'
import type { KubeObject } from '../../shared/kubernetes/meta.ts'
import { BytesMade } from './remembered.ts'

const object = (name: string): KubeObject => ({ kind: 'X', apiVersion: 'v1', metadata: { name } })

test('bytes are made once, as long as they are asked for, and forgotten when there are too many', () => {
  const made: string[] = []
  const cache = new BytesMade(100)
  const ask = (of: KubeObject): Buffer =>
    cache.of(of, () => {
      made.push(of.metadata.name ?? '')
      return Buffer.alloc(30)
    })
  const kept = object('kept')
  const first = ask(kept)
  for (let i = 0; i < 20; i += 1) {
    ask(object(`passing-${i}`))
    expect(ask(kept)).toBe(first)
  }
  expect(made.filter((name) => name === 'kept')).toHaveLength(1)
  const once = object('once')
  ask(once)
  for (let i = 0; i < 20; i += 1) ask(object(`more-${i}`))
  ask(once)
  expect(made.filter((name) => name === 'once')).toHaveLength(2)
})
