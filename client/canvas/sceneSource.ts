// Where the canvas gets its scene from: it asks at its own frame, so that nothing between the feed and the pixel waits.
import type { Scene } from './scene.ts'

export interface SceneSource {
  /** The newest scene; null before there is a place to draw it. The same object while nothing changed. */
  current(): Scene | null
  /** Something changed that `current` does not show yet, because scenes of very many pods are made less often. */
  readonly isStale: boolean
  /** CSS pixels per u. */
  readonly unit: number
  /** Calls back when there may be a newer scene. Answers the way to stop. */
  subscribe(onNews: () => void): () => void
}
