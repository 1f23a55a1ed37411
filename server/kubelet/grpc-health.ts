// The gRPC health check: one unary call of grpc.health.v1.Health/Check over HTTP/2.
// https://github.com/grpc/grpc/blob/master/doc/health-checking.md
import http2 from 'node:http2'
import type { Outcome } from './outcome.ts'

const SERVING = 1

/** HealthCheckRequest {service = 1} with gRPC's five-byte prefix (not compressed, length). */
export function healthRequest(service: string): Buffer {
  const name = Buffer.from(service)
  // Names are far below 128 bytes, so their length is a one-byte varint.
  const message = name.length > 0 ? Buffer.concat([Buffer.from([0x0a, name.length]), name]) : name
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}

/** The status of a HealthCheckResponse {status = 1}; 0 (UNKNOWN) when the field is left out. */
export function healthStatus(response: Buffer): number {
  return response[5] === 0x08 ? (response[6] ?? 0) : 0
}

/** Asks once. Never rejects. */
export function checkGrpcHealth(
  host: string,
  port: number,
  service: string,
  timeoutMs: number,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const session = http2.connect(`http://${host}:${port}`)
    const finish = (message: string): void => {
      clearTimeout(timer)
      resolve({ success: message === '', message })
      session.destroy()
    }
    const timer = setTimeout(
      () =>
        finish(`timeout: failed to connect service "${host}:${port}" within ${timeoutMs / 1000}s`),
      timeoutMs,
    )
    timer.unref()
    session.on('error', (error) => finish(`error: health rpc failed: ${error.message}`))
    const call = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
    })
    const pieces: Buffer[] = []
    call.on('error', (error) => finish(`error: health rpc failed: ${error.message}`))
    call.on('data', (piece: Buffer) => pieces.push(piece))
    call.on('end', () => {
      const status = healthStatus(Buffer.concat(pieces))
      finish(status === SERVING ? '' : `service unhealthy (responded with "${status}")`)
    })
    call.end(healthRequest(service))
  })
}
