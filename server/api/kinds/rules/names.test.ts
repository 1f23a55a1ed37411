import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { configKey, envName, isIPv4, label, portName, qualifiedName, subdomain } from './names.ts'

const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const LABEL_RULE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"

it('says what Kubernetes says', () => {
  expect(subdomain('Foo_bar')).toEqual([SUBDOMAIN_RULE])
  expect(label('-a')).toEqual([LABEL_RULE])
  expect(label('a'.repeat(64))).toEqual(['must be no more than 63 bytes'])
  expect(qualifiedName('/a')).toEqual(['prefix part must be non-empty'])
  expect(qualifiedName('example.com/')[0]).toBe('name part must be non-empty')
  expect(portName('UPPER')).toEqual([
    'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
    'must contain at least one letter (a-z)',
  ])
  expect(envName('A=B')).toEqual([
    "a valid environment variable name must consist only of printable ASCII characters other than '='",
  ])
  expect(configKey('..data')).toEqual(["must not start with '..'"])
})

it.each(['my.name', 'a', '0', 'a-b.c-d'])('%s is a subdomain', (text) => {
  expect(subdomain(text)).toEqual([])
})

it.each(['a', 'example.com/a', 'kubernetes.io/metadata.name', 'A_b.C'])(
  '%s is qualified',
  (text) => {
    expect(qualifiedName(text)).toEqual([])
  },
)

it('takes the addresses that are addresses', () => {
  fc.assert(fc.property(fc.ipV4(), isIPv4))
  for (const text of ['1.2.3', '1.2.3.4.5', '256.1.1.1', '1.2.3.4.', 'a.b.c.d', '', '1.2.3.400']) {
    expect(isIPv4(text)).toBe(false)
  }
})
