import { describe, expect, test } from 'vitest'
import type { PodView, RolloutView } from '../../../shared/stage.ts'
import { bannerOf, headlineOf, MOST_SEGMENTS, segmentsOf, timeLeft } from './stripModel.ts'

function pod(part: Partial<PodView>): PodView {
  return {
    kind: 'pod',
    key: 'default/x',
    uid: Math.random().toString(36),
    name: 'x',
    role: 'server',
    node: 'node-1',
    slot: 0,
    index: 0,
    version: 'v1',
    state: 'ready',
    progress: 0,
    restarts: 0,
    ip: null,
    reason: null,
    since: 0,
    stopsBy: null,
    ...part,
  }
}

function rollout(part: Partial<RolloutView> = {}): RolloutView {
  return {
    kind: 'rollout',
    key: 'default/nginx',
    name: 'nginx',
    container: 'nginx',
    image: 'nginx:v1',
    replicas: 60,
    updated: 35,
    ready: 60,
    available: 60,
    old: 25,
    paused: false,
    phase: 'updating',
    message: null,
    fromVersion: 'v1',
    toVersion: 'v2',
    previousVersion: 'v1',
    maxSurge: '6',
    maxUnavailable: '0',
    startedAt: 0,
    lowestReady: 60,
    secondsLeft: 28,
    ...part,
  }
}

describe('segments', () => {
  test('stand in the order in which an update goes through them', () => {
    const pods = [
      pod({ version: 'v1' }),
      pod({ version: 'v1', state: 'stopping' }),
      pod({ version: 'v2', state: 'pending' }),
      pod({ version: 'v2', state: 'starting' }),
      pod({ version: 'v2' }),
    ]
    expect(segmentsOf(pods, 'v2', 6).map(({ state, tone }) => `${state} ${tone}`)).toEqual([
      'ready 2',
      'starting 2',
      'pending 2',
      'stopping 1',
      'ready 1',
      'free 1',
    ])
  })

  test('stand for several pods each when there are very many', () => {
    const pods = Array.from({ length: 1000 }, (_, at) => pod({ version: at < 500 ? 'v2' : 'v1' }))
    const segments = segmentsOf(pods, 'v2', 1000)
    expect(segments).toHaveLength(MOST_SEGMENTS)
    expect(segments.filter(({ tone }) => tone === 2)).toHaveLength(MOST_SEGMENTS / 2)
  })
})

describe('the headline', () => {
  test('says "at all times" only when it was so at all times', () => {
    expect(headlineOf(rollout(), 35)).toEqual({
      figure: '35 of 60',
      words: 'updated, 60 ready at all times',
    })
    expect(headlineOf(rollout({ lowestReady: 57 }), 35).words).toBe(
      'updated, never fewer than 57 ready',
    )
    expect(headlineOf(rollout({ lowestReady: null, ready: 59 }), 35).words).toBe(
      'updated, 59 ready',
    )
  })

  test('says what is ready otherwise', () => {
    expect(headlineOf(rollout({ phase: 'steady' }), 60)).toEqual({
      figure: '60 of 60',
      words: 'ready',
    })
    expect(headlineOf(rollout({ phase: 'scaling', ready: 20 }), 20).words).toBe('ready, scaling up')
  })

  test('estimates in units one can wait for', () => {
    expect([0.2, 28, 89, 300].map(timeLeft)).toEqual([
      'about 1 s',
      'about 28 s',
      'about 89 s',
      'about 5 min',
    ])
  })
})

describe('the banner', () => {
  test('is not there while the update goes on', () => {
    expect(bannerOf(rollout(), [])).toBeNull()
    expect(bannerOf(null, [])).toBeNull()
  })

  test('is calm when somebody paused and nothing is broken', () => {
    expect(
      bannerOf(rollout({ phase: 'paused', paused: true }), [
        pod({}),
        pod({ version: 'v2' }),
        pod({ version: 'v2', state: 'starting' }),
      ]),
    ).toMatchObject({
      tone: 'calm',
      title: 'Update paused at 1 of 60',
    })
  })

  test('is red when the new version fails, and says fact and consequence', () => {
    const pods = [
      pod({ version: 'v2', state: 'failed', reason: 'CrashLoopBackOff' }),
      ...Array.from({ length: 60 }, () => pod({})),
    ]
    expect(bannerOf(rollout({ phase: 'stuck' }), pods)).toEqual({
      tone: 'failing',
      title: 'Update stuck: v2 is failing readiness',
      sentence: '1 of 1 v2 pods fail (CrashLoopBackOff). 60 other pods still serve.',
    })
  })

  test('stays red between two crashes of what made the update pause itself', () => {
    const paused = rollout({ phase: 'paused', pausedItself: { because: 'exit 1', pods: [] } })
    expect(bannerOf(paused, [pod({ version: 'v2', state: 'starting' })])).toMatchObject({
      tone: 'failing',
      title: 'Update paused: v2 is failing readiness',
    })
  })
})
