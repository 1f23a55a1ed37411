import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseImage, withTag } from './images.ts'

describe('parseImage', () => {
  it.each([
    ['nginx', 'nginx', 'nginx', 'latest'],
    ['nginx:v1', 'nginx', 'nginx', 'v1'],
    ['podium/web:v2', 'podium/web', 'web', 'v2'],
    ['localhost:5000/web', 'localhost:5000/web', 'web', 'latest'],
    ['localhost:5000/a/web:v3', 'localhost:5000/a/web', 'web', 'v3'],
    ['nginx:v1@sha256:abc', 'nginx', 'nginx', 'v1'],
    ['nginx@sha256:abc', 'nginx', 'nginx', 'latest'],
    ['', '', '', 'latest'],
  ])('%s', (image, repository, name, tag) => {
    expect(parseImage(image)).toEqual({ repository, name, tag })
  })
})

it('changes the tag and nothing else', () => {
  const part = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/)
  const image = fc
    .tuple(fc.array(part, { minLength: 1, maxLength: 3 }), fc.boolean(), fc.option(part))
    .map(
      ([path, port, tag]) => `${port ? 'host:5000/' : ''}${path.join('/')}${tag ? `:${tag}` : ''}`,
    )
  fc.assert(
    fc.property(image, part, (image, tag) => {
      const changed = parseImage(withTag(image, tag))
      expect(changed).toEqual({ ...parseImage(image), tag })
    }),
  )
})
