// Reads /proc: which processes there are, whose they are and what they use. Where there is no /proc, there are none to see.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

export interface ProcessRow {
  pid: number
  parent: number
  session: number
  cpuSeconds: number
  memoryBytes: number
}

/** Linux reports processor time in hundredths of a second to programs (USER_HZ), whatever the kernel's own tick is. */
const TICKS_PER_SECOND = 100
const PAGE_SIZES = [4096, 16384, 65536]

/** Read this many processes, then let other work run. */
const BATCH = 16

let pageBytes: number | undefined

/** Node does not tell the size of a page: it is the one that makes our own page count fit our own memory. */
function pageSize(): number {
  if (pageBytes === undefined) {
    const pages = Number(readFileSync('/proc/self/statm', 'latin1').split(' ')[1])
    const exact = process.memoryUsage.rss() / Math.max(1, pages)
    pageBytes = PAGE_SIZES.reduce((best, size) =>
      Math.abs(size - exact) < Math.abs(best - exact) ? size : best,
    )
  }
  return pageBytes
}

/** `/proc/<pid>/stat`; the name in parentheses may hold anything, so fields count from the last parenthesis (proc(5)). */
export function parseStat(text: string): ProcessRow | undefined {
  const close = text.lastIndexOf(')')
  if (close < 0) return undefined
  const fields = text.slice(close + 2).split(' ')
  const [state, parent, , session] = fields
  if (state === undefined || state === 'Z') return undefined
  return {
    pid: Number.parseInt(text, 10),
    parent: Number(parent),
    session: Number(session),
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    memoryBytes: Number(fields[21]) * pageSize(),
  }
}

function processIds(): number[] {
  try {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0)
  } catch {
    return []
  }
}

function readOf<T>(pid: number, file: string, parse: (text: string) => T): T | undefined {
  try {
    return parse(readFileSync(`/proc/${pid}/${file}`, 'latin1'))
  } catch {
    return undefined // It ended, or it is not ours to look at.
  }
}

async function readAll<T>(read: (pid: number) => T | undefined): Promise<T[]> {
  const rows: T[] = []
  const ids = processIds()
  for (let i = 0; i < ids.length; i++) {
    if (i > 0 && i % BATCH === 0) await new Promise((resolve) => setImmediate(resolve))
    const row = read(ids[i]!)
    if (row !== undefined) rows.push(row)
  }
  return rows
}

/**
 * What of a process's memory is its own: resident pages without those of files, which all processes of a program share
 * (`/proc/<pid>/statm`: resident minus shared). All that is resident when it cannot be told any more.
 */
export function ownMemory({ pid, memoryBytes }: ProcessRow): number {
  const pages = readOf(pid, 'statm', (text) => text.split(' ', 3).map(Number))
  const [, resident = 0, shared = 0] = pages ?? []
  return pages ? Math.max(0, resident - shared) * pageSize() : memoryBytes
}

/** Every living process, without zombies. */
export function readProcesses(): Promise<ProcessRow[]> {
  return readAll((pid) => readOf(pid, 'stat', parseStat))
}

/** Every process of a container begins with one. */
const HAS_PATH = /(^|\0)PATH=/

/**
 * Processes whose environment has one of these `NAME=value` entries; never this process itself.
 * @param folder a process that has written over its environment, as nginx does to show a title of its own, is known by its root or
 *   working directory below this one instead
 */
export function processesWith(entries: ReadonlySet<string>, folder?: string): Promise<number[]> {
  return readAll((pid) => {
    if (pid === process.pid) return undefined
    const environment = readOf(pid, 'environ', (text) => text)
    if (environment === undefined) return undefined
    const isMarked = environment.split('\0').some((entry) => entries.has(entry))
    const isWiped = !HAS_PATH.test(environment)
    return isMarked || (isWiped && folder !== undefined && livesIn(pid, folder)) ? pid : undefined
  })
}

function livesIn(pid: number, folder: string): boolean {
  return ['root', 'cwd'].some((link) => {
    try {
      return readlinkSync(`/proc/${pid}/${link}`).startsWith(`${folder}/`)
    } catch {
      return false
    }
  })
}

/** SIGKILLs the processes that `processesWith` finds and answers how many there were. */
export async function killProcessesWith(
  entries: ReadonlySet<string>,
  folder?: string,
): Promise<number> {
  const found = await processesWith(entries, folder)
  for (const pid of found) sendSignal(pid, 'SIGKILL')
  return found.length
}

/** Signals a process (or, negative, a process group); that it is gone already is no error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // ESRCH: it ended in the meantime.
  }
}
