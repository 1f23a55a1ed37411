// Draws less where drawing is slow: after two seconds of long frames the number of particles is halved. After a while of
// short ones it is doubled again, and each time that was too early the while grows.

const LONG_FRAME_MS = 20
const SHORT_FRAME_MS = 17.5
const PATIENCE_MS = 2_000
const FIRST_TRIAL_MS = 8_000
const LEAST_SHARE = 0.125
/** A gap this long is a tab that was hidden, not a slow frame. */
const HIDDEN_MS = 500

export interface Pace {
  /** Share of the usual number of particles. */
  readonly share: number
  /** Says how long the last frame took, in ms. */
  frame(elapsedMs: number): void
}

/** A pace that starts at full. */
export function createPace(): Pace {
  let share = 1
  let average = 16
  let slowForMs = 0
  let shortForMs = 0
  let trialMs = FIRST_TRIAL_MS
  const slower = (): void => {
    share = Math.max(LEAST_SHARE, share / 2)
    slowForMs = 0
    trialMs *= 2
  }
  const faster = (): void => {
    share = Math.min(1, share * 2)
    shortForMs = 0
  }
  return {
    get share() {
      return share
    },
    frame(elapsedMs) {
      if (elapsedMs > HIDDEN_MS) return
      average += (elapsedMs - average) * 0.1
      slowForMs = average > LONG_FRAME_MS ? slowForMs + elapsedMs : 0
      shortForMs = average < SHORT_FRAME_MS ? shortForMs + elapsedMs : 0
      if (slowForMs >= PATIENCE_MS) slower()
      else if (shortForMs >= trialMs && share < 1) faster()
    },
  }
}
