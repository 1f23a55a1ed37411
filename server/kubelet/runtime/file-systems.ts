// Whether containers can have file systems of their own on this machine: a real one is made and entered, and what comes
// of it is said.
import { execFile } from 'node:child_process'
import { mkdir, realpath, rm } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import type { HostPrograms } from './host-programs.ts'
import { findServer } from './host-programs.ts'
import { readHostMounts } from './host-mounts.ts'
import type { FileSystems, FileWishes, MountTools } from './own-files.ts'
import { DEVICES, isOwn, prepareFiles } from './own-files.ts'

export interface FileSystemChoice {
  /** What pods see of files, and why, for the start banner. */
  readonly why: string
  /** Undefined: containers see the machine's files, and volumes below PODIUM_ROOT. */
  readonly fileSystems: FileSystems | undefined
}

export interface FileSystemOptions {
  /** Where containers' file systems will be. */
  dataDir: string
  programsDir: string
  host: HostPrograms
}

const TRIAL: FileWishes = {
  hostname: 'trial',
  binds: [],
  files: { '/tried': '' },
  lastWords: '/dev/termination-log',
  cwd: '/',
}
const TRIAL_WITHIN_MS = 5000

/** Tries it. Never rejects. */
export async function openFileSystems(options: FileSystemOptions): Promise<FileSystemChoice> {
  const no = (why: string): FileSystemChoice => ({
    why: `the machine's, with volumes below $PODIUM_ROOT (${why})`,
    fileSystems: undefined,
  })
  if (process.platform !== 'linux') return no('file systems of their own need Linux')
  if (process.getuid?.() !== 0) return no('file systems of their own need root')
  const tools = findTools()
  if (!tools) return no('unshare, nsenter and mount of util-linux are not installed')
  try {
    const dataDir = path.resolve(options.dataDir)
    if (/[,:\\]/.test(dataDir)) return no('the name of the data directory has one of , : \\')
    const devices = path.join(dataDir, 'nodes', '.devices')
    await makeDevices(devices)
    const mounts = await readHostMounts()
    const fileSystems = { tools, mounts, devices, needed: await hiddenOf(options) }
    await tryOut(fileSystems, path.join(dataDir, 'nodes', '.trial'))
    return { why: "each pod's own, over the machine's", fileSystems }
  } catch (error) {
    return no(`mounting fails here: ${(error as Error).message.trim().split('\n').at(-1)}`)
  }
}

function findTools(): MountTools | undefined {
  const names = ['unshare', 'nsenter', 'mount', 'sh', 'env']
  const [unshare, nsenter, mount, shell, env] = names.map(findServer)
  if (!unshare || !nsenter || !mount || !shell || !env) return undefined
  return { unshare, nsenter, mount, shell, env }
}

/** Copies of the machine's device files, for every container to link to. */
async function makeDevices(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await promisify(execFile)('cp', ['-a', ...DEVICES.map((name) => `/dev/${name}`), folder])
}

/** What pods run from, where a directory of their own would hide it. */
async function hiddenOf({ programsDir, host }: FileSystemOptions): Promise<string[]> {
  const searchPath = (process.env['PATH'] ?? '').split(':')
  const programs = [process.execPath, host.nginx, host.busybox, host.perl, findServer('haproxy')]
  const folders = [
    programsDir,
    ...searchPath,
    ...programs.filter((file) => file !== undefined).map((file) => path.dirname(file)),
  ]
  const hidden = folders.filter(isOwn)
  const there = await Promise.all(
    hidden.map((folder) =>
      realpath(folder).then(
        () => true,
        () => false,
      ),
    ),
  )
  return [...new Set(hidden.filter((_, i) => there[i]))]
}

async function tryOut(fileSystems: FileSystems, folder: string): Promise<void> {
  const at = (name: string): string => path.join(folder, name)
  const places = { upper: at('root'), work: at('work'), merged: at('merged'), table: at('mounts') }
  try {
    const files = await prepareFiles(fileSystems, places, TRIAL)
    const test = ['-c', 'test -e /tried && : >/dev/null']
    const { file, args } = files.start({ file: fileSystems.tools.shell, args: test, cwd: '/' }, {})
    await promisify(execFile)(file, args, { timeout: TRIAL_WITHIN_MS })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
