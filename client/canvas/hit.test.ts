import { expect, test } from 'vitest'
import { hitAt, spotOfPod } from './hit.ts'
import { sceneOf } from './scene.ts'
import { pointOn } from './strands.ts'
import { nodeView, podView, serviceView } from './testViews.ts'

const scene = sceneOf(
  {
    width: 1920,
    height: 404,
    pods: [
      podView({ name: 'a', node: 'node-1', slot: 1 }),
      podView({ name: 'bot', role: 'loadbot', node: 'node-2' }),
    ],
    nodes: [nodeView('node-1'), nodeView('node-2')],
    service: serviceView(),
    knownVersions: ['v1'],
  },
  null,
)
const { frame, bands } = scene
const tile = bands[0]!.tiles[0]!
const source = scene.sources[0]!

test('a tile, a loadbot, the gate and the rest of a band are told apart', () => {
  expect(hitAt(scene, tile.x + 3, tile.y + 3)).toMatchObject({ kind: 'pod', key: 'default/a' })
  expect(hitAt(scene, source.x, source.y)).toMatchObject({ kind: 'pod', key: 'default/bot' })
  expect(hitAt(scene, frame.gateX, frame.centreY)).toMatchObject({ kind: 'service' })
  const free = bands[0]!.free[0]!
  expect(hitAt(scene, free.x + 3, free.y + 3)).toMatchObject({ kind: 'node', name: 'node-1' })
  expect(hitAt(scene, frame.gateX + 300, frame.height - 1)).toBeNull()
})

test('a request is hit anywhere on its way, and nowhere beside it', () => {
  const { curve } = scene.strands[0]!
  const point: [number, number] = [0, 0]
  pointOn(curve, 0.4, point)
  expect(hitAt(scene, point[0], point[1] + 2)).toEqual({ kind: 'request', spot: null })
  expect(hitAt(scene, point[0], point[1] - 150)).toBeNull()
})

test('a pod is found by its name, wherever it stands', () => {
  expect(spotOfPod(scene, 'default/a')).toMatchObject({ x: tile.x, y: tile.y, isRound: false })
  expect(spotOfPod(scene, 'default/bot')?.isRound).toBe(true)
  expect(spotOfPod(scene, 'default/gone')).toBeNull()
})
