import { useConnection, useIsConnected } from './live.ts'

/** A browser on a busy machine is late now and then; silence is only worth saying when it is longer than this. */
const LONG_SILENCE_MS = 3_000

/** Whether what is shown may no longer be so: the connection is gone, or silent for longer than it ever should be. */
export function useIsStale(): boolean {
  const isConnected = useIsConnected()
  const { staleMs } = useConnection()
  return !isConnected || staleMs > LONG_SILENCE_MS
}
