// The file that makes kubectl and every client library speak to this cluster.
import { stringify } from 'yaml'

/** A kubeconfig (YAML) for the API at `server` (`https://127.0.0.1:6443`), with the context `podium` in use. */
export function kubeconfigFor(options: { server: string; caPem: string; token: string }): string {
  const { server, caPem, token } = options
  const name = 'podium'
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name,
        cluster: { server, 'certificate-authority-data': Buffer.from(caPem).toString('base64') },
      },
    ],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  })
}
