import { expect, test } from 'vitest'
import { poseAt, retarget } from './tween.ts'

const at = (state: 'starting' | 'ready' | 'failed' | 'pending' | 'stopping', progress = 0) => ({
  state,
  progress,
})

test('what is there when the page opens does not move', () => {
  const tween = retarget(undefined, at('ready', 1), 1000, { isFirst: true })
  expect(poseAt(tween, 1000, false)).toMatchObject({ scale: 1, isMoving: false })
})

test('becoming ready settles from 92 % once', () => {
  const starting = retarget(undefined, at('starting', 0.6), 0)
  const ready = retarget(starting, at('ready', 1), 1000)
  expect(poseAt(ready, 1000, false).scale).toBeCloseTo(0.92)
  expect(poseAt(ready, 1160, false)).toMatchObject({ scale: 1, isMoving: false })
})

test('the fill of a starting tile steps from where it is', () => {
  const first = retarget(undefined, at('starting', 0), 0, { isFirst: true })
  const second = retarget(first, at('starting', 0.5), 1000)
  expect(poseAt(second, 1000, false).progress).toBe(0)
  const halfway = poseAt(second, 1100, false).progress
  expect(halfway).toBeGreaterThan(0)
  expect(halfway).toBeLessThan(0.5)
  const third = retarget(second, at('starting', 1), 1100)
  expect(poseAt(third, 1100, false).progress).toBeCloseTo(halfway)
  expect(poseAt(third, 1300, false)).toMatchObject({ progress: 1, isMoving: false })
})

test('a failed tile pulses twice, slower than three times a second, then is still', () => {
  const failed = retarget(retarget(undefined, at('starting'), 0), at('failed'), 1000)
  expect(poseAt(failed, 1200, false).pulse).toBeCloseTo(1)
  expect(poseAt(failed, 1400, false).pulse).toBeCloseTo(0)
  expect(poseAt(failed, 1800, false)).toMatchObject({ pulse: 0, isMoving: false })
})

test('with reduced motion every pose is final', () => {
  for (const state of ['starting', 'ready', 'failed', 'pending', 'stopping'] as const) {
    const tween = retarget(retarget(undefined, at('pending'), 0), at(state, 0.7), 1000)
    expect(poseAt(tween, 1001, true)).toEqual({
      scale: 1,
      progress: 0.7,
      march: 0,
      pulse: 0,
      isMoving: false,
    })
  }
})

test('nothing new is the same tween', () => {
  const tween = retarget(undefined, at('ready', 1), 0)
  expect(retarget(tween, at('ready', 1), 50)).toBe(tween)
})

test('a stopping tile shrinks through its grace by the clock of the stage', () => {
  const grace = { since: 50_000, until: 60_000 }
  const tween = retarget(undefined, { ...at('stopping'), grace }, 2_000, { ahead: 50_000 })
  expect(poseAt(tween, 5_000, false)).toMatchObject({ progress: 0.5, isMoving: true })
  expect(poseAt(tween, 20_000, false)).toMatchObject({ progress: 1, isMoving: false })
})
