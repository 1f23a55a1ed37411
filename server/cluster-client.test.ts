// Both clients before the real API: the same promises hold in this process and over HTTPS.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'
import { parse } from 'yaml'
import type { KubeClient } from '../shared/client.ts'
import { configMaps, namespaces } from '../shared/kubernetes/kinds.ts'
import { isAlreadyExists } from '../shared/status.ts'
import { ADMINISTRATORS } from './api/access/authorize.ts'
import type { ControlPlane } from './control-plane.ts'
import { startControlPlane } from './control-plane.ts'
import type { DataDir } from './data-dir.ts'
import { openDataDir } from './data-dir.ts'
import type { ClientUnderTest } from './machinery/client.contract.ts'
import { clientContract } from './machinery/client.contract.ts'
import { systemClock } from './machinery/clock.ts'
import { createHttpClient } from './machinery/http-client.ts'
import { createLocalClient } from './machinery/local-client.ts'
import { createLog } from './machinery/log.ts'

const programsDir = fileURLToPath(new URL('../dist/server', import.meta.url))
const namespace = 'contract'

interface Opened {
  controlPlane: ControlPlane
  dataDir: DataDir
}

let opened: Promise<Opened> | undefined

async function open(): Promise<Opened> {
  const dataDir = await openDataDir('memory')
  const log = createLog('error', () => {})
  const controlPlane = await startControlPlane(
    { dataDir, apiPort: 0, programsDir, version: 'test' },
    {
      clock: systemClock,
      log,
      nodeDoor: () => undefined,
      use: { pods: () => [], nodes: () => [], rates: () => [] },
    },
  )
  return { controlPlane, dataDir }
}

afterAll(async () => {
  const { controlPlane, dataDir } = (await opened) ?? {}
  await controlPlane?.close()
  await dataDir?.dispose()
})

/** One control plane for all; every test begins with an empty namespace. */
async function underTest(clientOf: (of: ControlPlane) => Promise<KubeClient>) {
  opened ??= open()
  const client = await clientOf((await opened).controlPlane)
  const { items } = await emptied(client)
  if (items.length > 0) throw new Error('what an earlier test made is still there')
  return { client, close: async () => undefined } satisfies ClientUnderTest
}

async function emptied(client: KubeClient) {
  await client.create(namespaces, { metadata: { name: namespace } }).catch((error: unknown) => {
    if (!isAlreadyExists(error)) throw error
  })
  for (const { metadata } of (await client.list(configMaps, { namespace })).items) {
    await client.delete(configMaps, { namespace, name: metadata.name! })
  }
  return client.list(configMaps, { namespace })
}

clientContract('the local client, before the API', () =>
  underTest(async ({ api }) =>
    createLocalClient(api, { user: 'tester', groups: [ADMINISTRATORS], userAgent: 'test' }),
  ),
)

clientContract('the HTTP client, before the API, as a kubeconfig says', () =>
  underTest(async ({ kubeconfig }) => {
    const { clusters, users } = parse(await readFile(kubeconfig, 'utf8')) as {
      clusters: { cluster: { server: string; 'certificate-authority-data': string } }[]
      users: { user: { token: string } }[]
    }
    const { cluster } = clusters[0]!
    const ca = Buffer.from(cluster['certificate-authority-data'], 'base64').toString()
    return createHttpClient({ server: cluster.server, ca, token: users[0]!.user.token })
  }),
)
