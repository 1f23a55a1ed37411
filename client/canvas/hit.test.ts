import { expect, test } from 'vitest'
import type { Scene } from './scene.ts'
import { hitOf } from './hit.ts'
import { sceneOf } from './scene.ts'
import { nodeView, podView, serviceView } from './testViews.ts'

const pods = [
  podView({ name: 'web', node: 'node-2', slot: 3 }),
  podView({ name: 'bot', role: 'loadbot' }),
]

function scene(nodes: number): Scene {
  const names = Array.from({ length: nodes }, (_, at) => nodeView(`node-${at + 1}`))
  const input = { width: 1920, height: 404, pods, service: serviceView(), knownVersions: [] }
  return sceneOf({ ...input, nodes: names }, null)
}

test('a click finds what is drawn there, and nothing between', () => {
  const four = scene(4)
  const tile = four.bands[1]!.tiles[0]!
  const hitAt = (x: number, y: number) => hitOf(four, x, y)
  expect(hitAt(tile.x + tile.size / 2, tile.y + 1)).toEqual({ kind: 'pod', uid: 'web' })
  expect(hitAt(tile.x - 2, tile.y + 1)).toBeNull()
  const [bot] = four.sources
  expect(hitAt(bot!.x + 4, bot!.y - 4)).toEqual({ kind: 'pod', uid: 'bot' })
  const { frame, bands } = four
  expect(hitAt(frame.labelX + 10, bands[3]!.y + 5)).toEqual({ kind: 'node', name: 'node-4' })
  expect(hitAt(frame.gateX, frame.centreY)).toEqual({ kind: 'service' })
  expect(hitAt((frame.gateX + frame.portX) / 2, frame.centreY)).toBeNull()
})

test('a band that gathers many nodes stands for none of them', () => {
  const many = scene(20)
  const last = many.bands.at(-1)!
  expect(hitOf(many, many.frame.labelX + 10, last.y + 5)).toBeNull()
})
