// For programs that measure how late the stage is (e2e/bench): they put a function here before the page opens.
import type { PodState } from '../../shared/stage.ts'

declare global {
  interface Window {
    /** Told each tile that is being drawn, with the state it is drawn in. */
    podiumProbe?: (uid: string, state: PodState) => void
  }
}

/** Says that a tile was drawn; costs nothing while nobody listens. */
export function tellProbe(uid: string, state: PodState): void {
  window.podiumProbe?.(uid, state)
}
