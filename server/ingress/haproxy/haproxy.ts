// HAProxy as an ingress controller: its configuration is generated, and checked by HAProxy itself before it is handed over.
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { DataPlane } from '../data-plane.ts'
import type { RoutingTable } from '../routing-table.ts'
import { haproxyFiles } from './configuration.ts'

const CHECK_TIMEOUT_MS = 10_000

/** @param program absolute path of HAProxy; undefined where there is none */
export function createHaproxy(program: string | undefined): DataPlane {
  return {
    controller: 'podium.dev/haproxy',
    className: 'haproxy',
    isDefault: false,
    image: 'podium/haproxy:v1',
    args: program === undefined ? [] : ['--haproxy', program],
    unavailable:
      program === undefined
        ? 'HAProxy is not installed on this machine; its Ingresses are not served'
        : undefined,
    async files(table: RoutingTable) {
      const files = haproxyFiles(table)
      if (program !== undefined) await check(program, files)
      return files
    },
  }
}

/** @throws Error with what HAProxy says of the configuration */
async function check(program: string, files: Record<string, string>): Promise<void> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'podium-haproxy-'))
  try {
    for (const [name, text] of Object.entries(files)) {
      await writeFile(path.join(folder, name), text, { mode: 0o600 })
    }
    await new Promise<void>((resolve, reject) => {
      const env = { ...process.env, POD_IP: '127.0.0.1', PODIUM_SCRATCH: folder }
      const args = ['-c', '-C', folder, '-f', 'haproxy.cfg']
      execFile(program, args, { env, timeout: CHECK_TIMEOUT_MS }, (error, out, said) => {
        if (!error) resolve()
        else reject(new Error(`haproxy -c: ${said || out || error.message}`.slice(0, 900)))
      })
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
