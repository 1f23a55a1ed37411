import { expect, it } from 'vitest'
import { ApiError } from '../../../shared/status.ts'
import { documentsOf, parsePath, pathText, refusalProblems, schemaProblems } from './problems.ts'
import type { Schema, Schemas } from './schema.ts'
import { suggestionsAt } from './suggestions.ts'
import { placeAt } from './yamlPlace.ts'

const SCHEMAS: Schemas = {
  Container: {
    type: 'object',
    required: ['name'],
    properties: {
      name: { type: 'string', description: 'Its name.' },
      port: { oneOf: [{ type: 'integer' }, { type: 'string' }] },
      tty: { type: 'boolean' },
    },
  },
}
const ROOT: Schema = {
  type: 'object',
  properties: {
    kind: { type: 'string' },
    data: { type: 'object', additionalProperties: { type: 'string' } },
    spec: {
      allOf: [
        {
          type: 'object',
          properties: {
            replicas: { type: 'integer' },
            containers: { type: 'array', items: { $ref: '#/components/schemas/Container' } },
          },
        },
      ],
    },
    status: { type: 'object' },
  },
}

const told = (text: string) =>
  documentsOf(text)
    .flatMap((document) => schemaProblems(document, ROOT, SCHEMAS))
    .map(({ path, message }) => `${path}: ${message}`)

it('finds what the schema does not allow, each at its field', () => {
  expect(told('spec:\n  replicas: 2\n  containers:\n    - name: a\n      port: http\n')).toEqual([])
  expect(told('spec:\n  replicaz: 2\n')).toEqual([
    'spec.replicaz: There is no field replicaz. Is replicas meant?',
  ])
  expect(told('spec:\n  replicas: two\n  containers:\n    - tty: 1\n')).toEqual([
    'spec.replicas: It has to be a whole number.',
    'spec.containers[0].tty: It has to be true or false.',
    'spec.containers[0].name: name is missing.',
  ])
  expect(told('data:\n  a: 1\n')).toEqual(['data.a: It has to be text; put it in quotes.'])
})

it('reads and writes paths as the API does', () => {
  const text = 'spec.containers[0].image'
  expect(parsePath(text)).toEqual(['spec', 'containers', 0, 'image'])
  expect(pathText(parsePath(text))).toBe(text)
  expect(parsePath('data[a.b]')).toEqual(['data', 'a.b'])
})

function refusal(message: string, causes: { field: string; message: string }[] = []): ApiError {
  return new ApiError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    ...(causes.length > 0 && { details: { causes } }),
  })
}

it('puts a refusal at its field, or at the nearest one there is', () => {
  const text = 'spec:\n  containers:\n    - name: A_\n'
  const [document] = documentsOf(text)
  const at = (error: ApiError) =>
    refusalProblems(document!, error).map(({ from, to }) => text.slice(from, to))
  expect(at(refusal('', [{ field: 'spec.containers[0].name', message: 'no' }]))).toEqual(['name'])
  expect(at(refusal('', [{ field: 'spec.containers[0].image', message: 'no' }]))).toEqual(['n'])
  expect(at(refusal('unknown field "spec.containers"'))).toEqual(['containers'])
  const typed = 'failed to create typed patch object: .spec.containers: field not declared'
  expect(at(refusal(typed))).toEqual(['containers'])
  expect(at(refusal('no'))).toEqual(['s'])
})

const TEXT = `kind: X
spec:
  containers:
  - name: a
    p
  - tty: t
  re
`

it('knows its place by indentation, lists that are not indented too', () => {
  const place = (word: string) => placeAt(TEXT, TEXT.indexOf(word) + word.length)
  expect(place('\n    p')).toMatchObject({ path: ['spec', 'containers', 0], word: 'p' })
  expect([...place('\n    p').present]).toEqual(['name'])
  expect(place('tty: t')).toMatchObject({
    path: ['spec', 'containers', 0],
    field: 'tty',
    word: 't',
  })
  expect(place('\n  re')).toMatchObject({ path: ['spec'], word: 're', field: null })
})

it('suggests what is missing there, and values of a field', () => {
  const known = { root: ROOT, schemas: SCHEMAS }
  const labels = (word: string) =>
    suggestionsAt(placeAt(TEXT, TEXT.indexOf(word) + word.length), known).map(
      ({ insert }) => insert,
    )
  expect(labels('\n    p')).toEqual(['port: ', 'tty: '])
  expect(labels('tty: t')).toEqual(['true', 'false'])
  expect(labels('\n  re')).toEqual(['replicas: '])
  expect(suggestionsAt(placeAt('', 0), known).map(({ label }) => label)).toEqual([
    'kind',
    'data',
    'spec',
  ])
})
