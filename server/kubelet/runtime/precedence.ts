// The control plane goes before the data plane: it runs little and must not wait for those who run always.
import { readFileSync, writeFileSync } from 'node:fs'
import os from 'node:os'

/** A weight of nine times a usual process's, 28 times that of a pod that carries data (sched(7), sched_prio_to_weight). */
const NICENESS = -10

/**
 * Has the process `pid` go before others, as far as whoever asks may say so (root on most systems). Where the kernel shares
 * the processor between sessions first (sched(7), "The autogroup feature"), its session does, for as long as this holds.
 * @returns gives it back, also when the process has ended meanwhile
 */
export function takePrecedence(pid: number): () => void {
  // Whatever else somebody chose stays. What another spawner took, and did not live to give back, is this one's to give.
  const isOurs = (niceness: number | undefined): boolean => niceness === 0 || niceness === NICENESS
  if (!isOurs(priorityOf(pid)) || !setPriority(pid, NICENESS)) return () => undefined
  // Whoever asks was started by that process, and what it starts is not to inherit this.
  if (priorityOf(process.pid) === NICENESS && pid !== process.pid) setPriority(process.pid, 0)
  const group = `/proc/${pid}/autogroup`
  const leader = `/proc/${sessionOf(pid)}/autogroup`
  if (isOurs(groupNiceness(group))) setGroup(group, NICENESS)
  return () => {
    setPriority(pid, 0)
    const held = [group, leader].find((file) => groupNiceness(file) === NICENESS)
    if (held !== undefined) setGroup(held, 0)
  }
}

function priorityOf(pid: number): number | undefined {
  try {
    return os.getPriority(pid)
  } catch {
    return undefined
  }
}

function setPriority(pid: number, niceness: number): boolean {
  try {
    os.setPriority(pid, niceness)
    return true
  } catch {
    return false
  }
}

/** The first process of the session, which mostly outlives the others; undefined where there is no /proc. */
function sessionOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [, , , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return Number(session)
  } catch {
    return undefined
  }
}

function groupNiceness(file: string): number | undefined {
  try {
    return Number(/ nice (-?\d+)/.exec(readFileSync(file, 'utf8'))?.[1])
  } catch {
    return undefined
  }
}

/** Of some, the kernel takes one such write in a tenth of a second; nobody waits for the spawner meanwhile. */
const TRIES = 10
const AGAIN_MS = 120

function setGroup(file: string, niceness: number): void {
  for (let tries = TRIES; tries > 0; tries -= 1) {
    try {
      return writeFileSync(file, String(niceness))
    } catch (error) {
      // Anything else: the session has ended, or may not.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, AGAIN_MS)
    }
  }
}
