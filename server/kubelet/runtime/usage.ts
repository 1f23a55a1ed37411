// What each container uses, measured from /proc in one pass over all processes.
import type { ProcessRow } from './processes.ts'
import { ownMemory, readProcesses } from './processes.ts'
import type { Usage } from './runtime.ts'

const NOTHING: Usage = { cpuSeconds: 0, memoryBytes: 0, residentBytes: 0, processes: 0 }

/**
 * Adds up processes by container.
 * @param leaders container id → pid of its first process, which leads a session of its own.
 * @param ownBytes what of a process's memory nobody else shares; asked for the processes of containers alone.
 */
export function addUpUsage(
  rows: readonly ProcessRow[],
  leaders: ReadonlyMap<string, number>,
  ownBytes: (row: ProcessRow) => number,
): Map<string, Usage> {
  const byPid = new Map(rows.map((row) => [row.pid, row]))
  const ids = new Map([...leaders].map(([id, pid]) => [pid, id]))
  const usage = new Map<string, Usage>()
  for (const row of rows) {
    const id = containerOf(row, byPid, ids)
    if (id === undefined) continue
    const sum = usage.get(id) ?? { ...NOTHING }
    sum.cpuSeconds += row.cpuSeconds
    sum.memoryBytes += ownBytes(row)
    sum.residentBytes += row.memoryBytes
    sum.processes += 1
    usage.set(id, sum)
  }
  return usage
}

/** By session, or, for a process that made a session of its own, by the nearest ancestor that has one of ours. */
function containerOf(
  row: ProcessRow,
  byPid: ReadonlyMap<number, ProcessRow>,
  ids: ReadonlyMap<number, string>,
): string | undefined {
  for (let at: ProcessRow | undefined = row; at; at = byPid.get(at.parent)) {
    const id = ids.get(at.session)
    if (id !== undefined) return id
    if (at.parent === at.pid) return undefined
  }
  return undefined
}

/** Measures now. */
export async function usageBySession(
  leaders: ReadonlyMap<string, number>,
): Promise<Map<string, Usage>> {
  return leaders.size === 0 ? new Map() : addUpUsage(await readProcesses(), leaders, ownMemory)
}
