// The stage's same-origin door to the Kubernetes API, as both ends of it know it.

/** Everything below it is the API's: `/k8s/api/v1/pods` is `/api/v1/pods`. */
export const CLUSTER_DOOR = '/k8s'

/** What `kubectl get` asks with: rows and columns made by the server (meta.k8s.io Table). */
export const TABLE_ACCEPT =
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json'

/**
 * A GET whose answer does not end (a watch, a followed log) may be made as a WebSocket with one of these subprotocols:
 * browsers hold six plain connections to a host, all tabs together, but any number of sockets. The door sends the head
 * as one text message (`StreamHead`), then the body as binary messages, and closes when the answer ends. A WebSocket
 * cannot carry an Accept header, so the subprotocol stands for it.
 */
export const STREAM_PROTOCOLS = {
  plain: 'stream.podium.dev',
  table: 'table.stream.podium.dev',
} as const

/** First message of a streamed answer. */
export interface StreamHead {
  status: number
  headers: Record<string, string>
}
