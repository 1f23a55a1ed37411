// What is mounted on this machine besides its root file system (proc(5), "/proc/pid/mountinfo"): an overlay of the root
// shows none of it, so each has to be brought into a container's file system.
import { readFile, stat } from 'node:fs/promises'

export interface HostMounts {
  /** Directories with file systems of their own that containers see, outer ones first. */
  readonly separate: readonly string[]
}

/** Every container has its own of these, or is given them by name. */
const NOT_BROUGHT = ['/proc', '/sys', '/dev', '/run', '/tmp']
/** File systems that hold no files of people's. */
const PSEUDO = new Set(
  'autofs binfmt_misc bpf cgroup cgroup2 configfs debugfs devpts devtmpfs efivarfs fusectl hugetlbfs mqueue nsfs proc pstore rpc_pipefs securityfs sysfs tracefs'.split(
    ' ',
  ),
)

/** Whether `file` is `folder` or lies in it. */
export function isBelow(file: string, folder: string): boolean {
  return file === folder || file.startsWith(folder === '/' ? folder : `${folder}/`)
}

/** The mount points of a mountinfo text that containers are to see, outer ones first. Pure. */
export function separateMounts(mountinfo: string): string[] {
  const points = new Set<string>()
  for (const line of mountinfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ', 2)
    const point = unescaped(before.split(' ')[4] ?? '/')
    const type = after.split(' ')[0] ?? ''
    const brought = !NOT_BROUGHT.some((folder) => isBelow(point, folder))
    if (point !== '/' && brought && !PSEUDO.has(type)) points.add(point)
  }
  return [...points].sort((a, b) => a.length - b.length)
}

/** Looks now. A file that is mounted over (/etc/hosts of a Docker container) is not brought. */
export async function readHostMounts(): Promise<HostMounts> {
  const points = separateMounts(await readFile('/proc/self/mountinfo', 'utf8'))
  const folders = await Promise.all(
    points.map((point) =>
      stat(point).then(
        (found) => found.isDirectory(),
        () => false,
      ),
    ),
  )
  return { separate: points.filter((_, i) => folders[i]) }
}

function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  )
}
