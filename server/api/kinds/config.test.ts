import { describe, expect, it } from 'vitest'
import type { ConfigMap, Secret } from '../../../shared/kubernetes/cluster.ts'
import { configMapStrategy, secretStrategy } from './config.ts'
import { createWith, updateWith } from './testing/messages.ts'

const metadata = { name: 'a', namespace: 'default' }
const configMap = (fields: Partial<ConfigMap>): ConfigMap => ({ metadata, ...fields })
const secret = (fields: Partial<Secret>): Secret => ({ metadata, ...fields })

describe('ConfigMap', () => {
  it.each<[Partial<ConfigMap>, string[]]>([
    [
      { data: { 'a/b': '' } },
      [
        "data[a/b]: Invalid value: \"a/b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
      ],
    ],
    [
      { data: { a: '' }, binaryData: { a: '' } },
      ['data[a]: Invalid value: "a": duplicate of key present in binaryData'],
    ],
    [{ data: { a: 'é'.repeat(600_000) } }, [': Too long: may not be more than 1048576 bytes']],
  ])('refuses bad data', (fields, expected) => {
    expect(createWith(configMapStrategy, configMap(fields))).toEqual(expected)
  })

  it('stays as it is once immutable', () => {
    const old = configMap({ data: { a: '1' }, immutable: true })
    expect(updateWith(configMapStrategy, old, (next) => (next.immutable = false))).toEqual([
      'immutable: Forbidden: field is immutable when `immutable` is set',
    ])
    expect(updateWith(configMapStrategy, old, (next) => (next.data = { a: '2' }))).toEqual([
      'data: Forbidden: field is immutable when `immutable` is set',
    ])
    const relabelled = updateWith(configMapStrategy, old, (next) => {
      next.metadata = { ...metadata, labels: { a: 'b' } }
    })
    expect(relabelled).toEqual([])
  })
})

describe('Secret', () => {
  it('keeps what is written as text in base64, and only so', () => {
    const object = secret({ data: { a: 'YQ==' }, stringData: { a: 'b', c: 'ü' } })
    expect(createWith(secretStrategy, object)).toEqual([])
    expect(object).toEqual({ metadata, type: 'Opaque', data: { a: 'Yg==', c: 'w7w=' } })
  })

  it('has what its type promises', () => {
    expect(createWith(secretStrategy, secret({ type: 'kubernetes.io/tls' }))).toEqual([
      'data[tls.crt]: Required value',
      'data[tls.key]: Required value',
    ])
    expect(createWith(secretStrategy, secret({ type: 'constructor' }))).toEqual([])
  })

  it('keeps its type', () => {
    const old = secret({ type: 'example.com/x' })
    expect(updateWith(secretStrategy, old, (next) => (next.type = 'Opaque'))).toEqual([
      'type: Invalid value: "Opaque": field is immutable',
    ])
  })
})
