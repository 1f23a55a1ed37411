// What must hold for every kind that is registered: one walk over the registry.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as kinds from '../../../shared/kubernetes/kinds.ts'
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import { ApiError } from '../../../shared/status.ts'
import { definitionName } from '../openapi/definitions.ts'
import { schemasOf } from '../openapi/schemas.ts'
import { testDefinitions } from '../openapi/testing.ts'
import { compileTypes } from '../openapi/types.ts'
import { strategies } from './all.ts'
import type { Strategy } from './strategy.ts'
import { valueOf } from './testing/arbitrary.ts'
import { contextOver, sampleOf } from './testing/samples.ts'

const NOW = Date.parse('2030-01-01T00:00:00Z')
const schemas = schemasOf(testDefinitions)
const types = compileTypes(testDefinitions())

function created(strategy: Strategy, object: KubeObject = sampleOf(strategy.kind)): KubeObject {
  strategy.default?.(object)
  strategy.prepareForCreate?.(object, contextOver())
  return object
}

it('knows every kind of shared/kubernetes/kinds.ts', () => {
  const all = Object.values(kinds).filter((value): value is Kind => typeof value === 'object')
  expect(strategies.map(({ kind }) => kind.plural).sort()).toEqual(
    all.map(({ plural }) => plural).sort(),
  )
})

describe.each(strategies.map((strategy) => [strategy.kind.plural, strategy] as const))(
  '%s',
  (_, strategy) => {
    const { kind } = strategy

    it('accepts its sample, and fits its schema before and after defaulting', () => {
      expect(schemas.check(kind, sampleOf(kind))).toEqual({ unknown: [], wrong: [] })
      const object = created(strategy)
      expect(strategy.validate(object, contextOver())).toEqual([])
      expect(schemas.check(kind, structuredClone(object))).toEqual({ unknown: [], wrong: [] })
    })

    it('defaults once: a second time changes nothing', () => {
      const object = created(strategy)
      const again = structuredClone(object)
      strategy.default?.(again)
      expect(again).toEqual(object)
    })

    it('accepts an update that changes nothing', () => {
      const old = created(strategy)
      const next = structuredClone(old)
      strategy.default?.(next)
      strategy.prepareForUpdate?.(next, old, contextOver([{ kind, object: old }]))
      expect(next).toEqual(old)
      expect(strategy.validateUpdate?.(next, old, contextOver()) ?? []).toEqual([])
    })

    it('refuses a name that is none', () => {
      const object = created(strategy)
      object.metadata.name = 'Not_A/Name'
      const fields = strategy.validate(object, contextOver()).map(({ field }) => field)
      expect(fields).toContain('metadata.name')
    })

    it('drops a status that its creator sends', () => {
      if (!strategy.subresources.includes('status') || kind.kind === 'Node') return
      const sent = {
        ...sampleOf(kind),
        status: { conditions: [{ type: 'Ready', status: 'True' }] },
      }
      expect(JSON.stringify(created(strategy, sent))).not.toContain('"Ready"')
    })

    it('has a cell for every column and a text for every selectable field', () => {
      const object = created(strategy)
      for (const { cell, type } of strategy.columns) {
        expect(typeof cell(object, NOW)).toBe(type === 'integer' ? 'number' : 'string')
      }
      for (const read of Object.values(strategy.fields ?? {})) {
        expect(typeof read(object)).toBe('string')
      }
    })

    it('reads back the replicas it is given', () => {
      expect(strategy.scale !== undefined).toBe(strategy.subresources.includes('scale'))
      if (!strategy.scale) return
      const object = created(strategy)
      strategy.scale.write(object, 7)
      expect(strategy.scale.read(object)).toEqual({
        replicas: 7,
        statusReplicas: 0,
        selector: 'run=nginx',
      })
    })

    it('has a schema that anything well-typed fits', () => {
      const anything = valueOf(types.get(definitionName(kind))!, 4)
      fc.assert(
        fc.property(anything, (object) => {
          expect(schemas.check(kind, object)).toEqual({ unknown: [], wrong: [] })
        }),
        { numRuns: 30 },
      )
    })

    it('answers anything well-typed with an object or an ApiError, never a crash', () => {
      const anything = valueOf(types.get(definitionName(kind))!, 5)
      fc.assert(
        fc.property(anything, anything, (one, other) => {
          const stored = created(strategy)
          const codes = [
            codeOf(() => strategy.validate(created(strategy, named(one, kind)), contextOver())),
            codeOf(() => {
              const next = named(other, kind)
              strategy.default?.(next)
              strategy.prepareForUpdate?.(next, stored, contextOver())
              strategy.validate(next, contextOver())
              strategy.validateUpdate?.(next, stored, contextOver())
            }),
          ]
          expect(codes.filter((code) => code >= 500)).toEqual([])
          // A status may be anything that fits its schema.
          const shown = { ...stored, status: (one as { status?: unknown }).status }
          for (const { cell } of strategy.columns) cell(shown, NOW)
          for (const read of Object.values(strategy.fields ?? {})) read(shown)
        }),
        { numRuns: 60 },
      )
    })
  },
)

function named(value: unknown, kind: Kind): KubeObject {
  const object = structuredClone(value) as KubeObject
  object.metadata = sampleOf(kind).metadata
  return object
}

/** The code of the ApiError that `run` throws, 0 when it does not; anything else it throws is a crash. */
function codeOf(run: () => void): number {
  try {
    run()
    return 0
  } catch (error) {
    if (error instanceof ApiError) return error.code
    throw error
  }
}
