// Small JSON answers of programs in pods, asked through the API.
import type { KubeClient, ObjectKey, StreamRequest } from '../../shared/client.ts'
import { pods } from '../../shared/kubernetes/kinds.ts'
import { unavailable } from '../../shared/status.ts'

const MAX_BYTES = 1_000_000

/** What the pod at `key` (`name:port`) answers. @throws ApiError 503 when that is not 200 and JSON */
export async function jsonOf<T>(
  client: Pick<KubeClient, 'stream'>,
  key: ObjectKey,
  request: StreamRequest,
): Promise<T> {
  const { status, body } = await client.stream(pods, key, request)
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > MAX_BYTES) break
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString()
  if (status !== 200) throw unavailable(`${key.name} answers ${status}: ${text.slice(0, 200)}`)
  return JSON.parse(text) as T
}
