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

/** The tween of a tile after its mark changed; the very first mark of a page is simply there (`isFirst`). */
export function retarget(
  previous: Tween | undefined,
  mark: Pick<TileMark, 'state' | 'progress'>,
  now: number,
  isFirst = false,
): Tween {
  if (!previous) {
    const settled = isFirst ? Number.NEGATIVE_INFINITY : now
    return {
      state: mark.state,
      stateAt: settled,
      progress: mark.progress,
      progressFrom: mark.progress,
      progressAt: settled,
    }
  }
  const stateChanged = previous.state !== mark.state
  if (!stateChanged && previous.progress === mark.progress) return previous
  return {
    state: mark.state,
    stateAt: stateChanged ? now : previous.stateAt,
    progress: mark.progress,
    progressFrom: stateChanged ? mark.progress : progressAt(previous, now),
    progressAt: now,
  }
}

function progressAt(tween: Tween, now: number): number {
  const t = easeOut((now - tween.progressAt) / MOTION.stepMs)
  return tween.progressFrom + (tween.progress - tween.progressFrom) * t
}

/** The pose of a tile at `now`. With `calm` every movement is already over. */
export function poseAt(tween: Tween, now: number, calm: boolean): Pose {
  const inState = now - tween.stateAt
  const still: Pose = { scale: 1, progress: tween.progress, march: 0, pulse: 0, isMoving: false }
  if (calm) return still
  const stepping = now - tween.progressAt < MOTION.stepMs
  switch (tween.state) {
    case 'pending':
      return { ...still, march: (now % 1000) / 1000, isMoving: true }
    case 'ready': {
      const t = easeOut(inState / MOTION.settleMs)
      return { ...still, scale: 0.92 + 0.08 * t, isMoving: inState < MOTION.settleMs }
    }
    case 'starting':
    case 'stopping':
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
