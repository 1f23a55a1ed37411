// What HAProxy has counted, and which configuration it goes by, asked over its statistics socket.
import { createConnection } from 'node:net'
import { backendId } from './configuration.ts'

export interface BackendCounts {
  requests: number
  failed: number
}

/** What one worker process says. */
export interface Statistics {
  pid: string
  /** Of the configuration that it read (configuration.ts). */
  fingerprint: string | undefined
  /** By backend of the routing table, `default/web:80`; since the worker began. */
  backends: Record<string, BackendCounts>
}

const ASK_TIMEOUT_MS = 1_000

/** @throws Error when HAProxy does not answer */
export async function askStatistics(socket: string): Promise<Statistics> {
  return statisticsIn(await ask(socket, 'show info;show stat\n'))
}

function ask(path: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const connection = createConnection(path, () => connection.end(command))
    connection.setTimeout(ASK_TIMEOUT_MS, () => connection.destroy(new Error('no answer')))
    connection.setEncoding('utf8')
    connection.on('data', (text: string) => (answer += text))
    connection.on('end', () => resolve(answer))
    connection.on('error', reject)
  })
}

/** `show info` is `Name: value` a line, `show stat` CSV with a heading; an empty line ends each (Management guide, 9.3). */
export function statisticsIn(text: string): Statistics {
  const value = (name: string): string | undefined =>
    new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1]
  const pid = value('Pid')
  if (pid === undefined) throw new Error('HAProxy said nothing of itself')
  return { pid, fingerprint: value('description'), backends: countsIn(text) }
}

/** A backend is the row whose svname is BACKEND. */
function countsIn(text: string): Record<string, BackendCounts> {
  const [heading = '', ...lines] = text.slice(text.indexOf('# pxname') + 2).split('\n')
  const columns = heading.split(',')
  const counts: Record<string, BackendCounts> = {}
  for (const line of lines) {
    const cells = line.split(',')
    const cell = (name: string): string => cells[columns.indexOf(name)] ?? ''
    const id = backendId(cell('pxname'))
    if (id === undefined || cell('svname') !== 'BACKEND') continue
    counts[id] = { requests: Number(cell('req_tot')), failed: Number(cell('hrsp_5xx')) }
  }
  return counts
}
