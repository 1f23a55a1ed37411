// The warden: a process in a session of its own that waits for the cluster's main process to end, however it ends, and
// then kills everything the cluster left. It holds the reading end of a pipe; the kernel closes the writing end even
// when the main process is killed with SIGKILL.
import { sweepLeftovers } from './leftovers.ts'

const [, , clusterId, folder] = process.argv
if (!clusterId) {
  process.stderr.write('usage: warden <cluster id> [folder of its containers]\n')
  process.exit(2)
}

let sweeping = false
function sweepAndExit(id: string): void {
  if (sweeping) return
  sweeping = true
  sweepLeftovers(id, folder).then(
    () => process.exit(0),
    () => process.exit(1),
  )
}

// Signals meant for the main process must not take its warden away first.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
process.stdin.on('end', () => sweepAndExit(clusterId))
process.stdin.on('error', () => sweepAndExit(clusterId))
process.stdin.resume()
process.stdout.on('error', () => undefined)
process.stdout.write('on guard\n')
