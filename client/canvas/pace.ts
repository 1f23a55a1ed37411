// Draws less where drawing is slow: after two seconds of long frames the number of particles is halved.

const LONG_FRAME_MS = 20
const PATIENCE_MS = 2_000
const LEAST_SHARE = 0.125

export interface Pace {
  /** Share of the usual number of particles. */
  readonly share: number
  /** Says how long the last frame took; answers whether the share was lowered just now. */
  frame(elapsedMs: number): boolean
}

/** A pace that starts at full. */
export function createPace(): Pace {
  let share = 1
  let average = 16
  let slowForMs = 0
  return {
    get share() {
      return share
    },
    frame(elapsedMs) {
      // A tab that was hidden says nothing about drawing.
      if (elapsedMs > 500) return false
      average += (elapsedMs - average) * 0.1
      slowForMs = average > LONG_FRAME_MS ? slowForMs + elapsedMs : 0
      if (slowForMs < PATIENCE_MS || share <= LEAST_SHARE) return false
      share /= 2
      slowForMs = 0
      return true
    },
  }
}
