// What this page knows, all of it: filled by one connection (`startLive`), read by hooks.
import { createReel } from './reel.ts'
import { createStores } from './stores.ts'

/** What is now. */
export const stores = createStores()

/** What was, for the last minutes. */
export const reel = createReel()

/** The stage's clock now, in ms since the epoch. */
export function liveNow(): number {
  return Date.now() + stores.connection.getState().clockOffsetMs
}
