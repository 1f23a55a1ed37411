// A file system of a container's own: the machine's files below, what the container writes above them (overlayfs), its
// volumes where it expects them, all in a mount namespace that ends with its processes. No shell reads anything of a
// pod's: the one script is constant, everything else reaches it as arguments.
import { existsSync } from 'node:fs'
import {
  chmod,
  link,
  mkdir,
  open,
  readlink,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import path from 'node:path'
import type { Clock } from '../../machinery/clock.ts'
import type { HostMounts } from './host-mounts.ts'
import { isBelow } from './host-mounts.ts'

/** Something of the machine at a place in the container. Both are absolute paths. */
export interface Bind {
  source: string
  target: string
  readOnly: boolean
}

/** Where the parts of one container's file system are on this machine. */
export interface FilePlaces {
  /** What the container writes; what is put here shows from the start. */
  upper: string
  /** overlayfs' own; on the same file system as `upper`. */
  work: string
  /** Where everything is put together, seen by the container alone. */
  merged: string
  /** The mounts, as fstab(5). */
  table: string
}

/** A program with its arguments, in a directory. */
export interface Command {
  file: string
  args: readonly string[]
  cwd: string
}

/** A container's file system, ready to be entered. */
export interface ContainerFiles {
  /** Where the file with its last words is on this machine. */
  readonly lastWords: string
  /** Where a file of the container is on this machine, before anything runs in it. */
  onMachine(file: string): string
  /** What the machine runs, with this environment, so that the command becomes the first process in its own file system. */
  start(command: Command, environment: Readonly<Record<string, string>>): Command
  /** What the machine runs so that the command runs beside the container's first process. */
  join(pid: number, command: Command): Command
}

/** Programs of this machine that mount and enter. */
export interface MountTools {
  unshare: string
  nsenter: string
  mount: string
  shell: string
  env: string
}

/** What all containers' file systems have in common. */
export interface FileSystems {
  readonly tools: MountTools
  readonly mounts: HostMounts
  /** A directory with the devices every container has, to be linked to. */
  readonly devices: string
  /** Directories that containers must see although a directory of their own hides them. */
  readonly needed: readonly string[]
}

/** Directories that every container has to itself. */
const OWN_DIRECTORIES = ['/tmp', '/run', '/dev']
/** What every container finds in /dev (Open Container Initiative, runtime specification, "Default Devices"). */
export const DEVICES = ['null', 'zero', 'full', 'random', 'urandom', 'tty']
const DEVICE_LINKS = [
  ['ptmx', 'pts/ptmx'],
  ['fd', '/proc/self/fd'],
  ['stdin', '/proc/self/fd/0'],
  ['stdout', '/proc/self/fd/1'],
  ['stderr', '/proc/self/fd/2'],
] as const

/** Takes a name, mounts everything of a table, then becomes the program that the other arguments name. */
const MOUNT_AND_RUN =
  'echo "$2" >/proc/sys/kernel/hostname && "$0" -a -T "$1" && shift 2 && exec "$@"'

const LOOK_AGAIN_MS = 2
const ENTER_WITHIN_MS = 5000

/** What a container wants of its file system. Paths are the container's. */
export interface FileWishes {
  hostname: string
  binds: readonly Bind[]
  /** Texts by path, such as /etc/hosts. */
  files: Readonly<Record<string, string>>
  /** A file that is to be there, empty. */
  lastWords: string
  /** A directory that is to be there. */
  cwd: string
}

/**
 * Puts a container's file system in order: what it has to itself, places for what is mounted, and the table of mounts.
 * @throws Error with a text for people when something cannot be mounted where it is wanted
 */
export async function prepareFiles(
  { tools, mounts, devices, needed }: FileSystems,
  places: FilePlaces,
  wishes: FileWishes,
): Promise<ContainerFiles> {
  const { upper, work, merged, table } = places
  await rm(work, { recursive: true, force: true })
  for (const folder of [work, merged, `${upper}/tmp`, `${upper}/run`, `${upper}/dev/pts`]) {
    await mkdir(folder, { recursive: true })
  }
  await mkdir(`${upper}/dev/shm`, { recursive: true })
  await Promise.all([`${upper}/tmp`, `${upper}/dev/shm`].map((folder) => chmod(folder, 0o1777)))
  await Promise.all([
    ...DEVICES.map((name) => unlessThere(link(`${devices}/${name}`, `${upper}/dev/${name}`))),
    ...DEVICE_LINKS.map(([name, to]) => unlessThere(symlink(to, `${upper}/dev/${name}`))),
    ...Object.entries(wishes.files).map(([file, text]) => writeAt(path.join(upper, file), text)),
  ])
  const hidden = needed.map((folder) => ({ source: folder, target: folder, readOnly: false }))
  const binds = await placed([...wishes.binds, ...hidden], upper, mounts)
  const lastWords = writtenTo(await followed(wishes.lastWords), binds, upper)
  await writeAt(lastWords, '')
  await mkdir(writtenTo(await followed(wishes.cwd), binds, upper), { recursive: true })
  const lines = [
    ['overlay', merged, 'overlay', `lowerdir=/,upperdir=${upper},workdir=${work},index=off`],
    ...['/proc', '/sys', '/dev/pts', ...mounts.separate].map((at) => bindLine(at, merged + at)),
    bindLine(`${upper}/tmp`, `${merged}/tmp`),
    ...binds.map((bind) => bindLine(bind.source, merged + bind.target, bind.readOnly)),
  ]
  await writeFile(table, lines.map((fields) => `${fields.map(escaped).join(' ')} 0 0\n`).join(''))
  return {
    lastWords,
    onMachine(file) {
      const own = writtenTo(file, binds, upper)
      return isOwn(file) || existsSync(own) ? own : file
    },
    start: (command, environment) =>
      startIn(tools, places, wishes.hostname, keeping(environment, tools, command)),
    join: (pid, command) => joinIn(tools, pid, command),
  }
}

function startIn(
  { unshare, mount, shell }: MountTools,
  { merged, table }: FilePlaces,
  hostname: string,
  { file, args, cwd }: Command,
): Command {
  // As a slave, so that what the machine unmounts is unmounted here too.
  const apart = ['--mount', '--uts', '--propagation', 'slave']
  const mounting = [shell, '-c', MOUNT_AND_RUN, mount, table, hostname]
  const within = [unshare, `--root=${merged}`, `--wd=${cwd}`, '--', file, ...args]
  return { file: unshare, args: [...apart, ...mounting, ...within], cwd: '/' }
}

/** What a shell takes for the name of a variable; it passes on no others, and Kubernetes allows more (`my.name`). */
const SHELL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** The command, with the variables that the script above does not pass on. */
function keeping(
  environment: Readonly<Record<string, string>>,
  { env }: MountTools,
  command: Command,
): Command {
  const lost = Object.entries(environment).filter(([name]) => !SHELL_NAME.test(name))
  if (lost.length === 0) return command
  const set = lost.map(([name, value]) => `${name}=${value}`)
  return { ...command, file: env, args: [...set, command.file, ...command.args] }
}

function joinIn({ nsenter }: MountTools, pid: number, { file, args, cwd }: Command): Command {
  const root = rootOf(pid)
  const enter = ['--target', String(pid), '--mount', '--uts']
  const places = [`--root=${root}`, `--wd=${root}${cwd}`, '--']
  return { file: nsenter, args: [...enter, ...places, file, ...args], cwd: '/' }
}

/** Where the root of a running process is, for this machine to look into. */
export function rootOf(pid: number): string {
  return `/proc/${pid}/root`
}

/** Resolves when a container's first process is in its own file system: nothing may join it before. */
export async function whenInside(pid: number, clock: Clock): Promise<void> {
  const end = clock.now() + ENTER_WITHIN_MS
  while ((await readlink(rootOf(pid))) === '/') {
    if (clock.now() > end) throw new Error('the container has not entered its file system')
    await new Promise<void>((resolve) => {
      clock.after(LOOK_AGAIN_MS, resolve)
    })
  }
}

/** Outer mounts first; each with a place to be mounted on. */
async function placed(
  wanted: readonly Bind[],
  upper: string,
  mounts: HostMounts,
): Promise<readonly Bind[]> {
  const resolved = await Promise.all(
    wanted.map(async (bind) => ({ ...bind, target: await followed(bind.target) })),
  )
  resolved.sort((a, b) => a.target.length - b.target.length)
  const done: Bind[] = []
  for (const bind of resolved) {
    await makePlace(bind, writtenTo(bind.target, done, upper), mounts)
    done.push(bind)
  }
  return done
}

/** Where a mount is to be made may lead over links of the machine (/var/run to /run). */
async function followed(target: string): Promise<string> {
  if (target === '/' || isOwn(target)) return target
  return realpath(target).catch(async () =>
    path.join(await followed(path.dirname(target)), path.basename(target)),
  )
}

async function makePlace({ source, target }: Bind, at: string, mounts: HostMounts): Promise<void> {
  const foreign = ['/proc', '/sys', ...mounts.separate].find((mount) => isBelow(target, mount))
  if (foreign !== undefined) {
    if (existsSync(target)) return
    throw new Error(`mountPath ${target} cannot be made: ${foreign} is a file system of its own`)
  }
  if ((await stat(source)).isDirectory()) return void (await mkdir(at, { recursive: true }))
  await mkdir(path.dirname(at), { recursive: true })
  await (await open(at, 'a')).close()
}

/** Where on this machine something comes to be that is made at this place of the container; inner mounts first. */
function writtenTo(file: string, binds: readonly Bind[], upper: string): string {
  const outer = binds.findLast(({ target }) => isBelow(file, target))
  return outer ? path.join(outer.source, path.relative(outer.target, file)) : path.join(upper, file)
}

/** Whether the container has this place to itself, so that it does not see what the machine has there. */
export function isOwn(file: string): boolean {
  return OWN_DIRECTORIES.some((folder) => isBelow(file, folder))
}

async function writeAt(at: string, text: string): Promise<void> {
  await mkdir(path.dirname(at), { recursive: true })
  await writeFile(at, text)
}

async function unlessThere(made: Promise<void>): Promise<void> {
  await made.catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
}

function bindLine(source: string, at: string, readOnly = false): string[] {
  return [source, at, 'none', readOnly ? 'bind,ro' : 'bind']
}

/** As fstab(5) and getmntent(3) want what would divide fields. */
function escaped(field: string): string {
  return field.replace(/[\s\\]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`)
}
