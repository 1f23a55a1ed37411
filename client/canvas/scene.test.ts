import { describe, expect, test } from 'vitest'
import type { PodView } from '../../shared/stage.ts'
import type { Scene } from './scene.ts'
import { sceneOf } from './scene.ts'
import { nodeView, podView, serviceView } from './testViews.ts'

const NODES = ['node-1', 'node-2', 'node-3', 'node-4'].map((name) => nodeView(name))

const KNOWN = ['v1', 'v2']

function scene(pods: PodView[], previous: Scene | null = null, nodes = NODES): Scene {
  return sceneOf(
    { width: 1920, height: 404, pods, nodes, service: serviceView(), knownVersions: KNOWN },
    previous,
  )
}

const servers = (count: number, part: Partial<PodView> = {}): PodView[] =>
  Array.from({ length: count }, (_, at) =>
    podView({ name: `s${at}`, node: `node-${(at % 4) + 1}`, slot: Math.floor(at / 4), ...part }),
  )

const bots = (count: number): PodView[] =>
  Array.from({ length: count }, (_, at) =>
    podView({ name: `bot-${at}`, role: 'loadbot', slot: at }),
  )

const tileOf = (at: Scene, uid: string) =>
  at.bands.flatMap(({ tiles }) => tiles).find((tile) => tile.uid === uid)

test('a pod that did not change keeps its very tile', () => {
  const pods = servers(8)
  const before = scene(pods)
  const after = scene([{ ...pods[0]!, state: 'stopping' }, ...pods.slice(1)], before)
  expect(tileOf(after, 's1')).toBe(tileOf(before, 's1'))
  expect(tileOf(after, 's0')?.state).toBe('stopping')
})

test('thirty thousand pods fit, each in a place of its own', () => {
  const nodes = Array.from({ length: 300 }, (_, at) => nodeView(`node-${at + 1}`))
  const pods = Array.from({ length: 30_000 }, (_, at) =>
    podView({ name: `s${at}`, node: `node-${(at % 300) + 1}`, slot: Math.floor(at / 300) }),
  )
  const { bands, frame } = scene(pods, null, nodes)
  const tiles = bands.flatMap((band) => band.tiles)
  expect(new Set(tiles.map(({ cell }) => cell)).size).toBe(30_000)
  expect(Math.max(...tiles.map(({ y, size }) => y + size))).toBeLessThanOrEqual(frame.bottom)
})

describe('tiles', () => {
  test('stand in their slots, row by row', () => {
    const { bands } = scene(servers(60))
    const [first] = bands
    expect(first?.tiles.map(({ cell }) => cell)).toEqual(
      Array.from({ length: 15 }, (_, slot) => `0/${slot}`),
    )
    expect(new Set(first?.tiles.map(({ y }) => y)).size).toBe(2)
    expect(first?.free).toHaveLength(3)
  })

  test('keep their place while others come and go', () => {
    const before = scene(servers(8))
    const after = scene(
      servers(8).filter(({ name }) => name !== 's0'),
      before,
    )
    expect(tileOf(after, 's4')?.x).toBe(tileOf(before, 's4')?.x)
    expect(after.bands[0]?.free.map(({ cell }) => cell)).toContain('0/0')
  })

  test('whose slot lies past the band take a free place and keep it', () => {
    const late = podView({ name: 'late', slot: 40 })
    const before = scene([...servers(8), late])
    expect(tileOf(before, 'late')?.cell).toBe('0/2')
    const after = scene([late, ...servers(4)], before)
    expect(tileOf(after, 'late')?.cell).toBe('0/2')
  })

  test('never share a place', () => {
    const pods = Array.from({ length: 30 }, (_, at) => podView({ name: `x${at}`, slot: at % 3 }))
    const cells = scene(pods).bands[0]!.tiles.map(({ cell }) => cell)
    expect(new Set(cells).size).toBe(30)
  })

  test('of pods that are no part of the show carry no version colour and get no strands', () => {
    const at = scene([podView({ name: 'mine', role: 'other' })])
    expect(tileOf(at, 'mine')?.tone).toBe('none')
    expect(at.strands).toHaveLength(0)
  })

  test('of many nodes gather in a last band', () => {
    const nodes = Array.from({ length: 12 }, (_, at) => nodeView(`node-${at + 1}`))
    const { bands } = scene(
      nodes.map(({ name }) => podView({ name: `on-${name}`, node: name })),
      null,
      nodes,
    )
    expect(bands.map(({ name }) => name).slice(-2)).toEqual(['node-7', '+5 nodes'])
    expect(bands.at(-1)?.tiles).toHaveLength(5)
  })

  test('that no node has taken wait beside the flow', () => {
    const at = scene([podView({ name: 'waiting', node: null, slot: null, state: 'pending' })])
    expect(at.waiting.map(({ name }) => name)).toEqual(['waiting'])
  })
})

describe('strands', () => {
  test('keep one vertical order at the gate on both sides: nothing crosses', () => {
    const { strands } = scene([...bots(24), ...servers(60)])
    for (const side of ['left', 'right'] as const) {
      const [gateAt, outAt] = side === 'left' ? ([7, 1] as const) : ([1, 7] as const)
      const own = strands.filter((strand) => strand.side === side)
      const byGate = own.toSorted((a, b) => a.curve[gateAt] - b.curve[gateAt])
      const outer = byGate.map(({ curve }) => curve[outAt])
      // Strands of loadbots in neighbouring columns may start at the same height, never in the other order.
      for (let at = 1; at < outer.length; at += 1) {
        expect(outer[at]! - outer[at - 1]!).toBeGreaterThan(-20)
      }
    }
    expect(strands.filter(({ side }) => side === 'left')).toHaveLength(24 * 6)
    expect(strands.filter(({ side }) => side === 'right')).toHaveLength(60 * 3)
  })

  test('lead only to pods that serve; a stopping pod keeps a single fading one', () => {
    const states = ['ready', 'starting', 'failed', 'unknown', 'pending', 'stopping'] as const
    const { strands } = scene(states.map((state, slot) => podView({ name: state, state, slot })))
    const pods = new Set(strands.map(({ pod }) => pod))
    expect([...pods].sort()).toEqual(['ready', 'stopping'])
    expect(strands.filter(({ pod }) => pod === 'stopping')).toMatchObject([{ isFading: true }])
  })

  test('are colourless before the gate and wear the version after it', () => {
    const { strands } = scene([...bots(1), podView({ version: 'v2' })])
    expect(new Set(strands.map(({ side, tone }) => `${side} ${tone}`))).toEqual(
      new Set(['left unrouted', 'right 2']),
    )
  })

  test('say by their signature whether anything has to be drawn anew', () => {
    const before = scene(servers(8))
    expect(scene(servers(8, { progress: 0.5 }), before).signature).toBe(before.signature)
    expect(scene(servers(8, { version: 'v2' }), before).signature).not.toBe(before.signature)
  })

  test('stay few enough for any number of pods', () => {
    const at = scene([...bots(200), ...servers(10_000)])
    expect(at.strands.length).toBeLessThan(900)
  })
})

describe('loadbots', () => {
  test('keep their places when one of them goes', () => {
    const before = scene(bots(24))
    const after = scene(
      bots(24).filter(({ name }) => name !== 'bot-3'),
      before,
    )
    const place = (at: Scene) => at.sources.find(({ uid }) => uid === 'bot-20')
    expect(place(after)).toEqual(place(before))
  })

  test('never overlap', () => {
    for (const count of [1, 2, 8, 9, 24, 40, 120]) {
      const { sources } = scene(bots(count))
      const closest = Math.min(
        ...sources.flatMap((a) =>
          sources
            .filter((b) => a !== b)
            .map((b) => Math.hypot(a.x - b.x, a.y - b.y) - a.radius * 2),
        ),
      )
      expect(closest).toBeGreaterThan(0)
    }
  })
})
