// Names that are none of the cluster's are asked for where this machine asks for them.
import dgram from 'node:dgram'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import type { Clock } from '../../machinery/clock.ts'

export interface Forwarder {
  /** The answer of the machine's resolver to a whole message; undefined when none comes. */
  ask(message: Buffer): Promise<Buffer | undefined>
}

const DNS_PORT = 53
const ANSWER_WITHIN_MS = 2000
const MOST_AT_ONCE = 256
const SERVERS = 2

/** The servers of a resolv.conf(5), without ourselves. */
export function serversIn(text: string, own: string): string[] {
  const found = text.split('\n').flatMap((line) => {
    const [word, address = ''] = line.trim().split(/\s+/)
    return word === 'nameserver' && isIP(address) > 0 && address !== own ? [address] : []
  })
  return found.slice(0, SERVERS)
}

/** Asks the servers of /etc/resolv.conf, as it is at the time, one after the other. @param own never asked */
export function createForwarder(own: string, clock: Clock): Forwarder {
  let open = 0
  return {
    async ask(message) {
      if (open >= MOST_AT_ONCE) return undefined
      open++
      try {
        const text = await readFile('/etc/resolv.conf', 'utf8').catch(() => '')
        for (const server of serversIn(text, own)) {
          const answer = await askOne(message, server, clock)
          if (answer) return answer
        }
        return undefined
      } finally {
        open--
      }
    },
  }
}

function askOne(message: Buffer, server: string, clock: Clock): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = dgram.createSocket(isIP(server) === 6 ? 'udp6' : 'udp4')
    socket.unref()
    const done = (answer?: Buffer): void => {
      timer.cancel()
      socket.close()
      resolve(answer)
    }
    const timer = clock.after(ANSWER_WITHIN_MS, () => done())
    socket.once('error', () => done())
    // Connected, the socket hears nobody but that server.
    socket.connect(DNS_PORT, server, () => socket.send(message))
    socket.on('message', (answer) => {
      const fits = answer.length > 2 && answer.readUInt16BE(0) === message.readUInt16BE(0)
      if (fits) done(answer)
    })
  })
}
