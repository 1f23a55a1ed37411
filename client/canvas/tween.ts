// How a tile gets from one state to the next: which moment of which movement it is in. Pure; times are handed in.
import type { PodState } from '../../shared/stage.ts'
import type { TileMark } from './bands.ts'

export const MOTION = {
  /** Becoming ready: from 92 % to full size. */
  settleMs: 160,
  /** One step of a starting tile's fill, or of a stopping tile's shrinking. */
  stepMs: 200,
  /** Two pulses of a tile that failed, then stillness. */
  pulseMs: 400,
  pulses: 2,
  /** Loadbots moving to make room. */
  moveMs: 400,
} as const

/** What is remembered of a tile between scenes. */
export interface Tween {
  state: PodState
  stateAt: number
  progress: number
  progressFrom: number
  progressAt: number
  /** Of a stopping tile: from when to when it shrinks, on the canvas's clock. */
  grace: { since: number; until: number } | null
}

/** How a tile looks at one moment. */
export interface Pose {
  scale: number
  /** 0–1: fill of a starting tile, or how far a stopping one has shrunk. */
  progress: number
  /** 0–1: shift of a pending tile's dashes, in periods. */
  march: number
  /** 0–1: how lit a failed tile's pulse is. */
  pulse: number
  /** Whether the next frame will look different. */
  isMoving: boolean
}

/** Ease out, close to cubic-bezier(.2,.8,.2,1). */
export function easeOut(t: number): number {
  const rest = 1 - Math.min(1, Math.max(0, t))
  return 1 - rest * rest * rest
}

type Changing = Pick<TileMark, 'state' | 'progress'> & Partial<Pick<TileMark, 'grace'>>

/**
 * The tween of a tile after its mark changed. `ahead`: what to add to the canvas's clock to get the stage's, in ms.
 * What is there when the page opens (`isFirst`) simply is there.
 */
export function retarget(
  previous: Tween | undefined,
  mark: Changing,
  now: number,
  { isFirst = false, ahead = 0 } = {},
): Tween {
  const stateChanged = previous?.state !== mark.state
  if (previous && !stateChanged && previous.progress === mark.progress) return previous
  const changedAt = isFirst ? Number.NEGATIVE_INFINITY : now
  return {
    state: mark.state,
    stateAt: previous && !stateChanged ? previous.stateAt : changedAt,
    progress: mark.progress,
    progressFrom: previous && !stateChanged ? progressAt(previous, now) : mark.progress,
    progressAt: changedAt,
    grace: mark.grace ? { since: mark.grace.since - ahead, until: mark.grace.until - ahead } : null,
  }
}

function progressAt(tween: Tween, now: number): number {
  const t = easeOut((now - tween.progressAt) / MOTION.stepMs)
  return tween.progressFrom + (tween.progress - tween.progressFrom) * t
}

function shrinking(
  grace: { since: number; until: number },
  now: number,
): Pick<Pose, 'progress' | 'isMoving'> {
  const share = (now - grace.since) / Math.max(1, grace.until - grace.since)
  return { progress: Math.min(1, Math.max(0, share)), isMoving: share < 1 }
}

/** The pose of a tile at `now`. With `calm` every movement is already over. */
export function poseAt(tween: Tween, now: number, calm: boolean): Pose {
  const inState = now - tween.stateAt
  const still: Pose = { scale: 1, progress: tween.progress, march: 0, pulse: 0, isMoving: false }
  if (calm)
    return tween.grace ? { ...still, progress: shrinking(tween.grace, now).progress } : still
  const stepping = now - tween.progressAt < MOTION.stepMs
  switch (tween.state) {
    case 'pending':
      return { ...still, march: (now % 1000) / 1000, isMoving: true }
    case 'ready': {
      const t = easeOut(inState / MOTION.settleMs)
      return { ...still, scale: 0.92 + 0.08 * t, isMoving: inState < MOTION.settleMs }
    }
    case 'stopping':
      if (tween.grace) return { ...still, ...shrinking(tween.grace, now) }
      return { ...still, progress: progressAt(tween, now), isMoving: stepping }
    case 'starting':
      return { ...still, progress: progressAt(tween, now), isMoving: stepping }
    case 'failed': {
      const length = MOTION.pulseMs * MOTION.pulses
      if (inState >= length) return still
      const phase = (inState % MOTION.pulseMs) / MOTION.pulseMs
      return { ...still, pulse: Math.sin(phase * Math.PI), isMoving: true }
    }
    case 'unknown':
    case 'succeeded':
      return still
  }
}
