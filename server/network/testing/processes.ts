// Finding the processes of a test's cluster.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Where the built programs are. */
export const programsDir = fileURLToPath(new URL('../../../dist/server', import.meta.url))

/** Pids of the live processes that carry PODIUM_CLUSTER=`clusterId`. */
export function processesOf(clusterId: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && carries(name, clusterId))
    .map(Number)
}

/** Those of them that pass connections on. */
export function proxiesOf(clusterId: string): number[] {
  return processesOf(clusterId).filter((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('userspace-proxy.js'),
  )
}

/** Throws when a process of the cluster is still there. */
export function noProcessOf(clusterId: string): void {
  const left = processesOf(clusterId)
  if (left.length > 0) throw new Error(`still running: ${left.join(', ')}`)
}

function carries(pid: string, clusterId: string): boolean {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
    return environment.includes(`PODIUM_CLUSTER=${clusterId}`)
  } catch {
    return false
  }
}
