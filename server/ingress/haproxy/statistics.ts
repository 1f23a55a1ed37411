// What HAProxy has counted, asked over its statistics socket.
import { createConnection } from 'node:net'

export interface BackendCounts {
  requests: number
  failed: number
}

const ASK_TIMEOUT_MS = 1_000

/** @returns by backend name; throws when HAProxy does not answer */
export async function askCounts(socket: string): Promise<Record<string, BackendCounts>> {
  return countsIn(await ask(socket, 'show stat\n'))
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

/** HAProxy answers CSV with a heading; a backend is the row whose svname is BACKEND. */
export function countsIn(text: string): Record<string, BackendCounts> {
  const [heading = '', ...lines] = text.trim().split('\n')
  const columns = heading.replace(/^# /, '').split(',')
  const counts: Record<string, BackendCounts> = {}
  for (const line of lines) {
    const cells = line.split(',')
    const cell = (name: string): string => cells[columns.indexOf(name)] ?? ''
    if (cell('svname') !== 'BACKEND') continue
    counts[cell('pxname')] = {
      requests: Number(cell('req_tot')),
      failed: Number(cell('hrsp_5xx')),
    }
  }
  return counts
}
