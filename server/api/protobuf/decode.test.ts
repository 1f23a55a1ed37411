import { expect, test } from 'vitest'
import { decodeProtobuf } from './decode.ts'
import { MESSAGES } from './messages.ts'
import { protoMessage } from './types.ts'

// A small writer of the wire format, so that the reader is checked against bytes made by other hands.
const varint = (value: bigint): number[] => {
  const bytes: number[] = []
  for (let rest = BigInt.asUintN(64, value); ; rest >>= 7n) {
    if (rest < 0x80n) return [...bytes, Number(rest)]
    bytes.push(Number(rest & 0x7fn) | 0x80)
  }
}
const number = (field: number, value: number): number[] => [
  ...varint(BigInt(field) << 3n),
  ...varint(BigInt(value)),
]
const bytes = (field: number, value: string | number[]): number[] => {
  const body = typeof value === 'string' ? [...Buffer.from(value)] : value
  return [...varint((BigInt(field) << 3n) | 2n), ...varint(BigInt(body.length)), ...body]
}
const entry = (key: string, value: string | number[]) => [...bytes(1, key), ...bytes(2, value)]

const envelope = (apiVersion: string, kind: string, raw: number[]) =>
  Buffer.from([
    ...Buffer.from('k8s\0'),
    ...bytes(1, [...bytes(1, apiVersion), ...bytes(2, kind)]),
    ...bytes(2, raw),
  ])

test('a deployment, with zeros that are said on purpose and zeros that are not', () => {
  const metadata = [
    ...bytes(1, 'd'),
    ...bytes(2, ''),
    ...number(7, 0),
    ...bytes(8, []),
    ...bytes(11, entry('app', 'x')),
    ...bytes(14, 'a'),
    ...bytes(14, 'b'),
  ]
  const container = [
    ...bytes(1, 'c'),
    ...bytes(2, 'nginx'),
    ...bytes(8, bytes(1, entry('cpu', bytes(1, '250m')))),
    ...bytes(11, [
      ...bytes(1, bytes(2, [...bytes(1, '/'), ...bytes(2, number(2, 80))])),
      ...number(3, 5),
    ]),
  ]
  const spec = [
    ...number(1, 0),
    ...bytes(3, bytes(2, bytes(2, container))),
    ...bytes(4, [
      ...bytes(1, 'RollingUpdate'),
      ...bytes(2, bytes(1, [...number(1, 1), ...bytes(3, '25%')])),
    ]),
    ...number(5, -3),
    ...number(7, 0),
  ]
  const decoded = decodeProtobuf(
    envelope('apps/v1', 'Deployment', [...bytes(1, metadata), ...bytes(2, spec), ...bytes(3, [])]),
  )
  expect(decoded).toEqual({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd', labels: { app: 'x' }, finalizers: ['a', 'b'] },
    spec: {
      replicas: 0,
      minReadySeconds: -3,
      template: {
        spec: {
          containers: [
            {
              name: 'c',
              image: 'nginx',
              resources: { limits: { cpu: '250m' } },
              readinessProbe: { httpGet: { path: '/', port: 80 }, timeoutSeconds: 5 },
            },
          ],
        },
      },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%' } },
    },
    status: {},
  })
})

test('bytes and times', () => {
  const secret = decodeProtobuf(envelope('v1', 'Secret', bytes(2, entry('k', [0, 255]))))
  expect(secret['data']).toEqual({ k: 'AP8=' })
  const spec = bytes(2, bytes(4, [...number(1, 1_767_225_600), ...number(2, 5_000)]))
  const lease = decodeProtobuf(envelope('coordination.k8s.io/v1', 'Lease', spec))
  expect(lease['spec']).toEqual({ renewTime: '2026-01-01T00:00:00.000005Z' })
})

function outcomeOf(bytes: Buffer): string {
  try {
    decodeProtobuf(bytes)
    return 'decoded'
  } catch (error) {
    return (error as Error).name
  }
}

test('what is no message is refused, whatever it is', () => {
  const good = envelope('v1', 'ConfigMap', [
    ...bytes(1, bytes(1, 'c')),
    ...bytes(2, entry('a', 'b')),
  ])
  for (let length = 0; length < good.length; length += 1) {
    expect(outcomeOf(good.subarray(0, length))).toMatch(/^(decoded|ApiError)$/)
  }
  const hostile = envelope('v1', 'ConfigMap', bytes(2, entry('__proto__', 'x')))
  expect(() => decodeProtobuf(hostile)).toThrow('__proto__')
  expect(() => decodeProtobuf(envelope('v1', 'Gadget', []))).toThrow('not accepted')
})

test('every message that a field names is in the table', () => {
  const scalars = [
    'string',
    'int',
    'bool',
    'bytes',
    'double',
    'Time',
    'MicroTime',
    'Quantity',
    'IntOrString',
  ]
  const missing: string[] = []
  for (const line of MESSAGES.trim().split('\n')) {
    const fields = protoMessage(line.split(':')[0] ?? '')
    for (const { type } of fields?.values() ?? []) {
      if (!scalars.includes(type) && !protoMessage(type)) missing.push(type)
    }
  }
  expect(missing).toEqual([])
})
