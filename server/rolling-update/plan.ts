// The next step of replacing one ReplicationController by another, as kubectl did it in 2015
// (pkg/kubectl/rolling_updater.go of 1.1): one pod more than asked for, never one fewer that serves. Pure.

export interface Sizes {
  /** What the two ask for now. */
  oldSize: number
  newSize: number
  /** Pods of the new one that are ready. */
  newReady: number
  /** What the old one asked for before the update, and what the new one is to ask for at its end. */
  original: number
  desired: number
}

export type Step =
  | { do: 'scale new'; from: number; to: number }
  | { do: 'scale old'; from: number; to: number }
  /** For pods of the new one to become ready. */
  | { do: 'wait' }
  | { do: 'finish' }

/** One more than there were may exist for the time of the update. */
const SURGE = 1

/** What to do now. */
export function planStep({ oldSize, newSize, newReady, original, desired }: Sizes): Step {
  if (newSize > desired) return { do: 'scale new', from: newSize, to: desired }
  const room = Math.max(original, desired) + SURGE - oldSize - newSize
  const grown = oldSize === 0 ? desired : Math.min(desired, newSize + Math.max(0, room))
  if (grown > newSize) return { do: 'scale new', from: newSize, to: grown }
  const needed = Math.max(0, Math.min(original, desired) - Math.min(newReady, newSize))
  if (oldSize > needed) return { do: 'scale old', from: oldSize, to: needed }
  return oldSize === 0 && newReady >= desired ? { do: 'finish' } : { do: 'wait' }
}
