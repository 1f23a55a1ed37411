// Reads a kubeconfig: which server, and as whom.
import { existsSync, readFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { HttpClientOptions } from '../machinery/http-connection.ts'
import { connectionOf, KubeconfigError } from '../machinery/kubeconfig.ts'
import { RollingUpdateError } from './controllers.ts'

/** Where kubectl would look, after the cluster that runs here. */
export function defaultKubeconfig(env: Record<string, string | undefined>): string {
  const own = path.join(env['PODIUM_DATA_DIR'] ?? '.podium', 'kubeconfig')
  const places = [env['KUBECONFIG'], own, path.join(os.homedir(), '.kube/config')]
  const found = places.find((file) => file !== undefined && file !== '' && existsSync(file))
  if (found !== undefined) return found
  throw new RollingUpdateError('There is no kubeconfig; name one with --kubeconfig.')
}

/**
 * The connection and namespace that a kubeconfig's context stands for.
 * @param contextName default: the current one
 * @throws RollingUpdateError when the file does not say enough
 */
export function readKubeconfig(
  file: string,
  contextName?: string,
): { connection: HttpClientOptions; namespace: string | undefined } {
  try {
    const text = readFileSync(file, 'utf8')
    const base = path.dirname(file)
    const { connection, namespace } = connectionOf(text, { context: contextName, base })
    return { connection: { ...connection, userAgent: 'podium-rolling-update' }, namespace }
  } catch (error) {
    if (error instanceof KubeconfigError) throw new RollingUpdateError(`${file}: ${error.message}`)
    throw error
  }
}
