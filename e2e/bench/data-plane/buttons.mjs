// Somebody who presses something ten times a second: how soon the API answers, and how soon a browser sees it.
import { io } from 'socket.io-client'
import { sleep } from './product.mjs'

const EVERY_MS = 100
const NAMESPACE = '/api/v1/namespaces/default'

/** Starts pressing; `stop` answers the latencies (ms) of patches, and of events from the request to a browser's socket. */
export async function startButtons(product) {
  const patches = []
  const feed = []
  const sentAt = new Map()
  const socket = io(product.origin, {
    transports: ['websocket'],
    extraHeaders: { Authorization: `Bearer ${product.token}` },
  })
  socket.on('batch', ({ changes }) => {
    for (const { put } of changes) {
      if (put?.kind !== 'event' || !sentAt.has(put.reason)) continue
      feed.push(performance.now() - sentAt.get(put.reason))
      sentAt.delete(put.reason)
    }
  })
  await new Promise((resolve, reject) => {
    socket.once('reset', resolve)
    socket.once('connect_error', reject)
    socket.once('connect', () => socket.emit('subscribe', null))
  })
  const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'pressed' }, data: {} }
  await product.ask('POST', `${NAMESPACE}/configmaps`, config)

  const ending = new AbortController()
  const press = async (count) => {
    const reason = `Pressed${count}`
    const began = performance.now()
    await product.patch(`${NAMESPACE}/configmaps/pressed`, { data: { count: String(count) } })
    patches.push(performance.now() - began)
    sentAt.set(reason, performance.now())
    await product.ask('POST', `${NAMESPACE}/events`, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `pressed-${count}`, namespace: 'default' },
      involvedObject: { kind: 'ConfigMap', name: 'pressed', namespace: 'default' },
      reason,
      type: 'Normal',
      message: 'pressed',
      lastTimestamp: new Date().toISOString(),
    })
  }
  const pressing = (async () => {
    for (let count = 0; !ending.signal.aborted; count++) {
      const next = performance.now() + EVERY_MS
      await press(count)
      await sleep(Math.max(0, next - performance.now()))
    }
  })()
  return {
    async stop() {
      ending.abort()
      await pressing
      socket.close()
      return { patches, feed }
    },
  }
}
