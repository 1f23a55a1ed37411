import { useConnection } from '../../live/live.ts'

/** Whether what is shown may no longer be so: the connection is gone, or silent for longer than it ever should be. */
export function useIsStale(): boolean {
  const { status, staleMs } = useConnection()
  return status !== 'live' || staleMs > 0
}
