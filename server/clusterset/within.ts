// Others may fall silent with a connection open: whoever asks them waits for a while only.
import { unavailable } from '../../shared/status.ts'
import type { Clock } from '../machinery/clock.ts'

/** What `promise` answers. Rejects (503) when it has not within `ms`. */
export async function within<T>(clock: Clock, ms: number, promise: Promise<T>): Promise<T> {
  let giveUp: (error: Error) => void = () => {}
  const late = new Promise<never>((_resolve, reject) => {
    giveUp = reject
  })
  const timer = clock.after(ms, () => giveUp(unavailable('it does not answer')))
  try {
    return await Promise.race([promise, late])
  } finally {
    timer.cancel()
  }
}
