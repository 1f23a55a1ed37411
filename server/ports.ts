// Which ports may be had.
import { readFileSync } from 'node:fs'
import net from 'node:net'
import { StartError } from './data-dir.ts'

/**
 * Makes sure that a port is free before anything is started.
 * @throws StartError with what to do
 */
export function requirePort(host: string, port: number, flag: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = net.createServer()
    server.once('error', (error) => reject(portError(error, host, port, flag)))
    server.listen(port, host, () => server.close(() => resolve()))
  })
}

function portError(error: Error, host: string, port: number, flag: string): StartError {
  const { code = '' } = error as NodeJS.ErrnoException
  const sentences: Record<string, string> = {
    EADDRINUSE: `Port ${port} is in use; stop what uses it or choose another with ${flag}.`,
    EACCES: `Port ${port} needs rights that you do not have; choose another with ${flag}.`,
    EADDRNOTAVAIL: `This machine has no address ${host}; choose another with --host.`,
    ENOTFOUND: `Nobody knows the host ${host}; choose another with --host.`,
  }
  return new StartError(
    sentences[code] ?? `Port ${port} of ${host} cannot be used (${error.message}); see ${flag}.`,
  )
}

const LINUX_FLOOR = '/proc/sys/net/ipv4/ip_unprivileged_port_start'

/** The lowest port this process may listen on: 1 for root, else what the kernel says (Linux), else 1024. */
export function lowestFreePort(): number {
  if (process.getuid?.() === 0) return 1
  try {
    return Math.max(1, Number(readFileSync(LINUX_FLOOR, 'utf8')))
  } catch {
    return 1024
  }
}
