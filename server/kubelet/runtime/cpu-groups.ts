// Shares and limits of processor time by control groups, where this machine lets us make them (cgroup v2 or v1), as
// Kubernetes' runtimes set them (kubelet/cm/helpers_linux.go). Elsewhere there are niceness and a warning.
import { accessSync, constants, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { mkdir, readdir, rmdir, writeFile } from 'node:fs/promises'
import path from 'node:path'

export interface CpuGroups {
  /** What holds shares and limits on this machine, for the start banner. */
  readonly why: string
  readonly enforcesLimits: boolean
  /** Puts a process and what it starts into a group of its own, soon. Amounts are thousandths of a processor. */
  place(id: string, pid: number, cpu: CpuWish): void
  /** Takes the group away, soon, when its processes are gone. */
  remove(id: string): void
  /** Resolves when all groups are gone. */
  close(): Promise<void>
}

export interface CpuWish {
  requestMillis: number
  /** undefined: as much as there is. */
  limitMillis: number | undefined
}

export const NO_WISH: CpuWish = { requestMillis: 0, limitMillis: undefined }

/** Whoever asked for nothing steps back this much further than who asked for a whole processor. */
const MOST_NICENESS = 4

/** Shares of processor time by niceness alone, coarsely: a step for each tenth part less than a processor. */
export function withShares(niceness: number, { requestMillis }: CpuWish): number {
  const steps = requestMillis > 0 ? Math.round(Math.log10(1000 / requestMillis)) : MOST_NICENESS
  return niceness + Math.min(MOST_NICENESS, Math.max(0, steps))
}

const MOUNT = '/sys/fs/cgroup'

/** Where groups are made, by version 2 and by version 1. */
const roots = (mount: string): [v2: string, v1: string] => [mount, path.join(mount, 'cpu')]

const groupOf = (root: string, clusterId: string): string => path.join(root, `podium-${clusterId}`)

const PERIOD_US = 100_000
const MIN_QUOTA_US = 1000
const MIN_SHARES = 2
const MAX_SHARES = 262_144

/** cpu.shares of v1: 1024 for a whole processor. */
export function sharesOf(requestMillis: number): number {
  const shares = Math.floor((requestMillis * 1024) / 1000)
  return Math.min(MAX_SHARES, Math.max(MIN_SHARES, shares))
}

/** cpu.weight of v2, from 1 to 10000, for the same shares. */
export function weightOf(requestMillis: number): number {
  return Math.floor(1 + ((sharesOf(requestMillis) - MIN_SHARES) * 9999) / (MAX_SHARES - MIN_SHARES))
}

/** Microseconds of processor time per period of 100 ms. */
export function quotaOf(limitMillis: number): number {
  return Math.max(MIN_QUOTA_US, Math.floor((limitMillis * PERIOD_US) / 1000))
}

function isWritable(file: string): boolean {
  try {
    accessSync(file, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function contains(file: string, word: string): boolean {
  try {
    return readFileSync(file, 'utf8').split(/\s+/).includes(word)
  } catch {
    return false
  }
}

interface Layout {
  /** Where groups are made. */
  root: string
  name: string
  /** What all pods together weigh beside one other program: a third, so that control plane and browser stay quick. */
  together: readonly [file: string, text: string]
  files: (cpu: CpuWish) => [file: string, text: string][]
}

/** The first way that this machine has. @param mount `/sys/fs/cgroup` */
function layoutOf(mount: string): Layout | undefined {
  const [v2, v1] = roots(mount)
  if (
    contains(path.join(v2, 'cgroup.subtree_control'), 'cpu') &&
    isWritable(path.join(v2, 'cgroup.subtree_control'))
  ) {
    return {
      root: v2,
      name: 'cgroup v2',
      together: ['cpu.weight', '33'],
      files: ({ requestMillis, limitMillis }) => [
        ['cpu.weight', String(weightOf(requestMillis))],
        ['cpu.max', `${limitMillis === undefined ? 'max' : quotaOf(limitMillis)} ${PERIOD_US}`],
      ],
    }
  }
  if (!isWritable(path.join(v1, 'cgroup.procs'))) return undefined
  return {
    root: v1,
    name: 'cgroup v1',
    together: ['cpu.shares', '341'],
    files: ({ requestMillis, limitMillis }) => [
      ['cpu.shares', String(sharesOf(requestMillis))],
      ['cpu.cfs_period_us', String(PERIOD_US)],
      ['cpu.cfs_quota_us', String(limitMillis === undefined ? -1 : quotaOf(limitMillis))],
    ],
  }
}

const NONE: CpuGroups = {
  why: 'by niceness (control groups cannot be written here), so CPU limits are not enforced',
  enforcesLimits: false,
  place: () => undefined,
  remove: () => undefined,
  close: () => Promise.resolve(),
}

/** Looks what this machine allows and makes the cluster's group there. */
export function openCpuGroups(clusterId: string, mount = MOUNT): CpuGroups {
  const layout = layoutOf(mount)
  if (!layout) return NONE
  const folder = groupOf(layout.root, clusterId)
  try {
    mkdirSync(folder, { recursive: true })
    const [file, text] = layout.together
    writeFileSync(path.join(folder, file), text)
    if (layout.name === 'cgroup v2')
      writeFileSync(path.join(folder, 'cgroup.subtree_control'), '+cpu')
    // Files that cannot be written mean that the groups are for looking at only.
    const probe = path.join(folder, 'probe')
    mkdirSync(probe, { recursive: true })
    for (const [file, text] of layout.files({ requestMillis: 100, limitMillis: 100 })) {
      writeFileSync(path.join(probe, file), text)
    }
    rmdirSync(probe)
  } catch {
    removeGroup(path.join(folder, 'probe'))
    removeGroup(folder)
    return NONE
  }
  return groupsIn(folder, layout)
}

/**
 * Moving a process makes the kernel wait for all processors, tenths of a second on a busy machine; so nothing here waits
 * for it, and one move follows the other, for each holds one of the few threads that also write the store's log.
 */
function groupsIn(folder: string, layout: Layout): CpuGroups {
  const groups = new Set<string>()
  let turn = Promise.resolve()
  const inTurn = (work: () => Promise<void>): Promise<void> => (turn = turn.then(work))
  return {
    why: `by ${layout.name}, limits too`,
    enforcesLimits: true,
    place(id, pid, cpu) {
      void inTurn(async () => {
        const group = path.join(folder, id)
        groups.add(id)
        try {
          await mkdir(group, { recursive: true })
          for (const [file, text] of layout.files(cpu))
            await writeFile(path.join(group, file), text)
          await writeFile(path.join(group, 'cgroup.procs'), String(pid))
        } catch {
          // It has ended already.
        }
      })
    },
    remove(id) {
      void inTurn(async () => {
        if (groups.has(id) && (await isGone(path.join(folder, id)))) groups.delete(id)
      })
    },
    close: () =>
      inTurn(async () => {
        for (const id of groups) await isGone(path.join(folder, id))
        await isGone(folder)
      }),
  }
}

/** Takes away what a cluster that was killed left of its groups; whatever still holds a process stays. */
export async function removeCpuGroups(clusterId: string, mount = MOUNT): Promise<void> {
  for (const root of roots(mount)) {
    const folder = groupOf(root, clusterId)
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
    for (const entry of entries) {
      if (entry.isDirectory()) await isGone(path.join(folder, entry.name))
    }
    await isGone(folder)
  }
}

/** Takes a group away. False when a process is still in it. */
async function isGone(folder: string): Promise<boolean> {
  try {
    await rmdir(folder)
    return true
  } catch {
    return false
  }
}

function removeGroup(folder: string): void {
  try {
    rmdirSync(folder)
  } catch {
    // It was never made.
  }
}
